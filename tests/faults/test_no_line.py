"""The real program in plain lines, where no line leads to AWS."""

import pytest

from support.line_operator import LineOperator
from support.place import Place

pytestmark = pytest.mark.simulator

SCENARIO = "syncwell-bad-release"


def test_a_run_without_a_line_is_refused_in_words(simulator, tmp_path):
    """A name that does not resolve would leave a trace of Python, or half a run that nobody can take up."""
    place = Place(tmp_path, simulator, SCENARIO)
    nowhere = {**place.environ, "AWS_ENDPOINT_URL": "http://no-such-host.invalid"}
    operator = LineOperator(["run", "syncwell/plan-f-manual-backend-rollback"], nowhere, place.folder)
    assert operator.run(timeout=60) == 2, operator.tail()
    last = operator.transcript[-1]
    assert "Nobody can tell which account this is" in last
    assert "no connection to http://no-such-host.invalid" in last
    assert last.endswith("Nothing was changed.")
    assert list(place.state_folder.rglob("journal*")) == []

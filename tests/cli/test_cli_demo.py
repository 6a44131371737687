"""`cockpit demo` as a command."""

import pytest
from click.testing import CliRunner

from cockpit.cli.demo import command


def test_missing_extra_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the simulator's libraries it says how to get them: status 2, no traceback."""
    monkeypatch.setattr("cockpit.cli.demo.find_spec", lambda _: None)
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 2
    assert "pip install 'incident-cockpit[demo]'" in result.output


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--speed", "fast"], ["--seed", "x"], ["--nonsense"]])
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    """A speed of nothing or a misspelt option gives status 2 before anything starts."""
    assert CliRunner().invoke(command, arguments).exit_code == 2

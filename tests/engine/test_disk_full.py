"""The real program on a disk that fills up in the middle of a run: nothing is sent that is not on disk before."""

import pytest

from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.sim.process import start_simulator
from support.disks import POWERLESS, fill, limit_files, make_read_only, small_disk, unwritable
from support.halting_plan import Workers, halting_plan
from support.line_operator import LineOperator
from support.place import Place

pytestmark = pytest.mark.simulator

SCENARIO = "syncwell-bad-release"
CONFIRM = r"\? Type yes to send it"
MUTATIONS = ("application-autoscaling:RegisterScalableTarget", "ecs:UpdateService")
FIRST_AFTER_CONFIRM = ["answered", "halted", "intent", "acked", "step_ended", "step_started"]


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(SCENARIO, 240) as running:
        yield running


@pytest.fixture
def place(simulator, tmp_path):
    """Return a place whose workers are as the scenario has them."""
    Workers(simulator).put_back()
    return Place(tmp_path, simulator, SCENARIO)


class Counted:
    """How often each mutation reached the endpoint since this was made."""

    def __init__(self, place):
        self._place = place
        self._before = place.mutations()

    def now(self):
        counts = self._place.mutations()
        return {name: counts.get(name, 0) - self._before.get(name, 0) for name in MUTATIONS}


def start(place, *rules):
    words = ["run", str(halting_plan(place.folder)), "--env", "rehearsal"]
    return LineOperator(words, place.environ, place.folder, rules)


def journal_of(place):
    (journal,) = place.state_folder.rglob(JOURNAL)
    return journal


def on_disk(place, kind):
    return [entry.record for entry in read_journal(journal_of(place)).entries if entry.record.kind == kind]


def finish(place, **extra):
    """Resume the run with room on the disk again and answer to its end."""
    again = LineOperator(["runs", "resume", journal_of(place).parent.name], place.environ, place.folder)
    assert again.run(60) == 0, again.tail()
    assert read_journal(journal_of(place)).is_whole
    return again


@pytest.fixture(scope="module")
def sizes(simulator, tmp_path_factory):
    """Return the bytes of the records that follow the first confirmation, from an undisturbed run."""
    place = Place(tmp_path_factory.mktemp("measure"), simulator, SCENARIO)
    undisturbed = start(place)
    assert undisturbed.run(60) == 0, undisturbed.tail()
    lines = journal_of(place).read_bytes().splitlines(keepends=True)
    kinds = [entry.record.kind for entry in read_journal(journal_of(place)).entries]
    first = kinds.index("answered")
    assert kinds[first : first + len(FIRST_AFTER_CONFIRM)] == FIRST_AFTER_CONFIRM
    return [len(line) for line in lines[first : first + len(FIRST_AFTER_CONFIRM)]]


@pytest.mark.parametrize("written", [0, 2, 3, 4], ids=lambda n: f"room-for-{n}-records")
def test_disk_that_fills_up_stops_the_run_where_it_stands(place, sizes, written):
    """A call would be sent whose intent is not on disk, or an answer that could not be written be forgotten."""
    counted = Counted(place)
    limited = []

    def confirm_with_little_room(_recent):
        if not limited:
            room = sum(sizes[:written]) + sizes[written] // 2
            limit_files(run.process.pid, journal_of(place).stat().st_size + room)
            limited.append(True)
        return "yes"

    run = start(place, (CONFIRM, confirm_with_little_room))
    assert run.run(60) == 1, run.tail()
    assert "cannot be written" in run.tail()
    assert "Nothing more is sent. Resume the run when this is mended." in " ".join(run.tail().split())
    assert [len(on_disk(place, kind)) for kind in FIRST_AFTER_CONFIRM[:3]] == [written > 0, written > 1, written > 2]
    assert counted.now() == dict(zip(MUTATIONS, (written > 2, 0), strict=True)), "sent without an intent on disk"
    assert len(on_disk(place, "acked")) == (written > 3)
    again = finish(place)
    assert counted.now() == dict.fromkeys(MUTATIONS, 1), again.tail()
    if written == 3:  # the intent is on disk, the acknowledgement is not
        assert len(on_disk(place, "call_unknown")) == 1
        (reconciled,) = on_disk(place, "reconciled")
        assert (reconciled.verdict, reconciled.by) == ("happened", "aws")


def test_full_file_system_is_named_and_the_run_goes_on_when_there_is_room(place):
    """The operator would not learn that the disk is full, or the run be lost with it."""
    with small_disk(place.folder / "state") as state:
        counted = Counted(place)
        filler = []
        run = start(place, (CONFIRM, lambda _recent: (filler or filler.append(fill(state)), "yes")[1]))
        assert run.run(60) == 1, run.tail()
        assert "the disk is full" in " ".join(run.tail().split())
        assert sum(counted.now().values()) <= len(on_disk(place, "intent"))
        refused = start(place)
        assert refused.run(60) == 2
        assert "Nothing was started" in refused.tail()
        filler[0].unlink()
        assert len(list(state.rglob("*-halt-*"))) == 1, "the run that was not started left a folder"
        finish(place)
        assert counted.now() == dict.fromkeys(MUTATIONS, 1)


def test_read_only_file_system_shows_runs_and_drives_none(place):
    """A run would be driven without a journal, or nothing be readable when the disk turned read-only."""
    with small_disk(place.folder / "state") as state:
        run = start(place, (r"\? y if so", ":quit"))
        assert run.run(60) == 1, run.tail()
        make_read_only(state)
        shows_runs_and_drives_none(place, "read-only")


def test_folder_that_may_not_be_written_shows_runs_and_drives_none(place):
    """A run would be driven without a journal, or nothing be readable where this user may only read."""
    run = start(place, (r"\? y if so", ":quit"))
    assert run.run(60) == 1, run.tail()
    with unwritable(place.state_folder):
        shows_runs_and_drives_none(place, "permission denied", POWERLESS)


def shows_runs_and_drives_none(place, why, program=("-m", "cockpit")):
    counted = Counted(place)
    name = journal_of(place).parent.name
    before = journal_of(place).read_bytes()
    for words, code, said in (
        (["runs", "list"], 0, "can be resumed"),
        (["runs", "show", name], 0, "still halted: the workers are scaled to 0"),
        (["runs", "verify", name], 0, "the chain holds"),
        (["runs", "resume", name], 2, why),
        (["run", str(place.folder / "halt.yaml"), "--env", "rehearsal"], 2, why),
    ):
        told = LineOperator(words, place.environ, place.folder, program=program)
        assert told.run(30) == code, told.tail()
        assert said in " ".join(told.tail().split())
    assert not sum(counted.now().values())
    assert journal_of(place).read_bytes() == before

"""`cockpit run` and `cockpit runs` as programs, through pipes, against the simulated AWS."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cockpit.sim.process import start_simulator
from cockpit.sim.scenario import load_scenario

pytestmark = pytest.mark.simulator

PLAN = "plan-f-manual-backend-rollback"
SCENARIO = "syncwell-bad-release"
SPEED = 120.0


def toml(value):
    """Return a value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


class Place:
    """A folder with a configuration, and the environment variables that programs run with."""

    def __init__(self, folder: Path, simulator, scenario: str) -> None:
        self.simulator = simulator
        self.config = folder / "cockpit.toml"
        environment = load_scenario(scenario).environment
        names = environment.names
        self.config.write_text(
            f'[environments.rehearsal]\nkind = "demo"\naccount = "{environment.account}"\n'
            f"regions = {toml(list(environment.regions))}\nnames = {toml(names)}\n"
        )
        state = {"COCKPIT_STATE_DIR": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
        self.environ = {**os.environ, **simulator.environ, **state}

    def start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "cockpit", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environ,
            text=True,
            bufsize=1,
        )

    def say(self, *words, typed=""):
        program = self.start(*words)
        said, _ = program.communicate(typed, timeout=90)
        return program.returncode, said

    def mutations(self):
        counts = self.simulator.get_json("/_cockpit/calls")["counts"]
        reads = ("Describe", "List", "Get", "Batch", "Filter", "Simulate")
        return {name: count for name, count in counts.items() if not name.partition(":")[2].startswith(reads)}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with start_simulator(SCENARIO, SPEED) as simulator:
        yield Place(tmp_path_factory.mktemp("place"), simulator, SCENARIO)


def operator(program, until=None):
    """Answer every question until the program ends, or asks the one named in `until`; return all it said."""
    said = []
    watchdog = threading.Timer(120, program.kill)
    watchdog.start()
    try:
        for line in program.stdout:
            said.append(line.rstrip())
            if not line.startswith("? "):
                continue
            question = line[2:].strip()
            if until is not None and until in question:
                break
            typed = answer_to(question, said)
            assert typed, "\n".join(said[-40:])
            program.stdin.write(typed + "\n")
        return "\n".join(said)
    finally:
        watchdog.cancel()


def answer_to(question, said):
    """Return what an operator types who always goes on; empty if nobody knows."""
    if question.startswith("Number"):
        return first_candidate(said)
    for start, typed in SAYS.items():
        if question.startswith(start):
            return typed
    for start, end in WORDS_TO_TYPE:
        if question.startswith(start):
            return question.removeprefix(start).partition(end)[0]
    return ""


def first_candidate(said):
    """Return the number of the recommended choice of the last question, else of the first possible one."""
    first = max(place for place, line in enumerate(said) if line.startswith("  1. "))
    block = [place for place in range(first, len(said)) if re.match(r"  \d+\. ", said[place])]
    recommended = re.search(r"^Recommended: (\d+)", "\n".join(said[first:]), re.MULTILINE)
    if recommended:
        return recommended[1]
    place = next(n for n in block if "not possible" not in said[n + 1])
    return said[place].strip().partition(".")[0]


SAYS = {
    "y if so": "y",
    "Reason": "seen",
    "How were they told": "phoned",
    "posted WHERE": "posted https://status.example",
    "Name of the second person": "grace",
    "Restore point in UTC": "p",
    "Type yes to choose this second": "yes",
}
WORDS_TO_TYPE = (("Type exactly: ", ":"), ("Type the environment's name, ", ", to arm"), ("Type ", " to send it"))


def test_dry_run_shows_every_call_and_sends_nothing(place):
    """A dry run would touch AWS, or leave out a call."""
    before = place.simulator.get_json("/_cockpit/calls")["calls"]
    code, said = place.say("run", PLAN, "--config", str(place.config), "--dry-run")
    assert code == 0
    assert "aws deploy create-deployment --application-name syncwell-backend" in said
    assert "<steps." in said
    assert [line for line in said.splitlines() if len(line) > 80 and not line.startswith("    ")] == []
    assert place.simulator.get_json("/_cockpit/calls")["calls"] == before


def test_unarmed_and_wrong_input_start_nothing(place):
    """A run would start although the name was not typed, or an input is unknown."""
    code, said = place.say("run", PLAN, "--config", str(place.config), typed="no\n")
    assert code == 2
    assert "Not armed" in said
    code, said = place.say("run", PLAN, "--config", str(place.config), "--input", "colour=red", typed="rehearsal\n")
    assert code == 2
    assert "no input colour" in said
    code, said = place.say("run", "plan-x", "--config", str(place.config))
    assert code == 2
    assert PLAN in said
    assert "Traceback" not in said
    assert place.mutations() == {}


def test_plan_in_plain_lines_cut_off_resumed_and_verified(place):
    """Plan F could not be run without the full screen, a lost line would abort it, or an edited journal be believed."""
    first = place.start("run", PLAN, "--config", str(place.config))
    operator(first, until="Type exactly")
    first.send_signal(signal.SIGTERM)
    rest = first.stdout.read()
    assert first.wait(30) == 1
    assert "cockpit runs resume" in rest
    assert place.mutations() == {}
    run_id = rest.split("cockpit runs resume ")[1].split()[0]
    assert "can be resumed" in place.say("runs", "list")[1]

    again = place.start("runs", "resume", run_id, "--config", str(place.config))
    said = operator(again)
    assert again.wait(30) == 0, said
    assert "run ended: finished" in said
    assert "    aws deploy" in said
    assert sum(place.mutations().values()) >= 1

    code, shown = place.say("runs", "show", run_id, "--journal")
    assert code == 0
    assert "INTENT codedeploy" in shown
    assert place.say("runs", "verify", run_id)[0] == 0
    journal = next(Path(place.environ["COCKPIT_STATE_DIR"]).rglob("journal.jsonl"))
    journal.write_text(journal.read_text().replace('"operator":"', '"operator":"not ', 1))
    code, words = place.say("runs", "verify", run_id)
    assert code == 1
    assert "first bad one" in words


def test_plan_g_in_plain_lines_shows_the_loss_and_ends(tmp_path):
    """The main recovery could not be done without the full screen, or hide what it costs."""
    scenario = "syncwell-corruption"
    with start_simulator(scenario, 240.0) as simulator:
        place = Place(tmp_path, simulator, scenario)
        program = place.start("run", "plan-g-data-corruption", "--config", str(place.config))
        said = operator(program)
        assert program.wait(30) == 0, said[-4000:]
    assert "run ended: finished" in said
    assert re.search(r"lost: [\d,]+ writes \(", said)
    assert "LAST RESORT" in said
    assert place.say("runs", "verify", place.say("runs", "list")[1].split()[0])[0] == 0

"""Programs that a plan needs, looked for on their hosts before anything changes."""

import pytest

from cockpit.config.schema import Host
from cockpit.engine import prompts as p
from cockpit.engine.preflight_programs import check_programs, needed_programs
from support.action_bench import a_plan
from support.engine_rig import Rig, make_plan, prompt_of, records
from support.remote_host import RemoteHost

CONTEXT = {"inputs": {"tool": "sed"}}
NOWHERE = "no-such-program"


def running(program, host="local", **more):
    """Return a step that runs a program."""
    return {"shell": {"argv": [program, "x"], "cwd": "/", "timeout": "PT5S", "host": host}, **more}


def needed(*steps):
    """Return what a plan with these steps needs: program, host and whether it is certain."""
    common = {"title": "t", "why": "w", "source": ["+1"], "effect": "read"}
    before = [{"id": f"s{number}", **common, **step} for number, step in enumerate(steps)]
    found = needed_programs(a_plan({"checklist": {"items": [{"id": "a", "text": "A"}]}}, before=before), CONTEXT)
    return [(need.name, need.host, need.certain) for need in found]


def test_what_is_looked_for():
    """A program that is missing would be found out with the service halted half way."""
    own_path = running("mytool")
    own_path["shell"]["env"] = {"PATH": "/opt/bin"}
    undo = {"undo": {"words": "back", **running("mv")}}
    found = needed(
        running("{{ inputs.tool }}"),
        running("ls", when="inputs.no"),
        running("ls", skippable=True),
        running("psql", host="db", effect="mutate", **undo),
        running("./deploy"),
        running("{{ steps.s0.later }}"),
        own_path,
    )
    assert found == [("sed", "local", True), ("ls", "local", False), ("psql", "db", True), ("mv", "local", False)]


async def check(tmp_path, hosts, *steps):
    """Return id, verdict, whether it blocks, and the words of every check."""
    plan = make_plan(*({"id": f"s{number}", **step} for number, step in enumerate(steps)))
    found = await check_programs(needed_programs(plan, CONTEXT), hosts, tmp_path / "look")
    assert not (tmp_path / "look").exists()
    return [(each.id, each.ok, each.blocking, each.detail) for each in found]


@pytest.mark.parametrize(
    ("steps", "ok", "blocking", "words"),
    [
        ([running("ls"), running("/bin/sh")], True, True, "ls, /bin/sh"),
        ([running("ls"), running(NOWHERE)], False, True, f"not there: {NOWHERE}. Install"),
        ([running("ls"), running(NOWHERE, when="inputs.no")], False, False, f"not there: {NOWHERE}. Install"),
        ([running("; reboot")], False, True, "not there: ; reboot"),
    ],
    ids=["there", "missing", "missing for a step that may be left out", "hostile"],
)
async def test_programs_of_this_machine(tmp_path, steps, ok, blocking, words):
    """A misspelt tool, or one that is not installed, would fail in the middle of the night."""
    ((name, found, blocks, said),) = await check(tmp_path, {}, *steps)
    assert (name, found, blocks) == ("programs:local", ok, blocking)
    assert said.startswith(words)


async def test_programs_of_another_host(tmp_path):
    """The machine that the plan works on would lack what this one has."""
    (tmp_path / "remote").mkdir()
    with RemoteHost(tmp_path / "remote") as remote:
        found = await check(tmp_path, {"app": remote.host}, running("ls", "app"), running(NOWHERE, "app"))
        assert found[0][:3] == ("programs:app", False, True)
        assert f"not there: {NOWHERE}." in found[0][3]
        assert not list(remote.jobs.glob("look*")), "nothing is left there"


async def test_a_host_that_does_not_answer_or_is_not_known(tmp_path):
    """A run would begin that cannot reach what it has to change."""
    gone = Host(destination="nobody@127.0.0.1", options={"Port": "1", "ConnectTimeout": "2"})
    found = await check(tmp_path, {"app": gone}, running("ls", "app"), running("ls", "ap"))
    assert [each[:3] for each in found] == [("programs:app", None, True), ("programs:ap", False, True)]
    assert "there is no host ap in cockpit.toml" in found[1][3]


def test_a_run_is_refused_before_it_has_changed_anything(tmp_path):
    """The check would be made, but nobody would look at what it says."""
    rig = Rig(tmp_path / "runs")
    try:
        run = rig.start(make_plan({"id": "go", **running(NOWHERE, effect="mutate")}))
        trouble = prompt_of(run, p.TroublePrompt)
        assert any(f"not there: {NOWHERE}" in line for line in trouble.evidence)
        assert records(run, "intent") == []
    finally:
        rig.close()

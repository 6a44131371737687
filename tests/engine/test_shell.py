"""Shell steps: real programs, run so that neither a lost line nor the end of the cockpit loses them."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from cockpit.aws.port import OutcomeUnknown
from cockpit.engine.actions.shell import ShellAction
from cockpit.engine.commands import Confirm
from cockpit.engine.prompts import ConfirmPrompt
from cockpit.engine.records import Acked, Intent
from cockpit.engine.state import RunState
from cockpit.model.effect import Outcome
from cockpit.plans.actions.shell import ShellSpec
from support.action_bench import Bench, a_plan
from support.engine_rig import Rig, answer, ended, make_plan, prompt_of, until


def bench(tmp_path: Path, argv: list[str], effect: str = "read", *, dry: bool = False, **more) -> Bench:
    """Return a bench whose step runs that program."""
    spec = {"argv": argv, "cwd": str(tmp_path), "timeout": "PT10S", **more}
    return Bench(a_plan({"shell": spec}, effect=effect), folder=tmp_path / "files", dry=dry)


async def perform(context: Bench):
    """Carry out the bench's step."""
    assert isinstance(context.step.action, ShellSpec)
    return await ShellAction().perform(context, context.step.action)


def python(code: str) -> list[str]:
    """Return the argument vector that runs some Python."""
    return [sys.executable, "-c", code]


async def test_output_and_exit_status_are_kept(tmp_path):
    """What the program said must be available to later steps, made harmless for the terminal."""
    context = bench(tmp_path, python("print('consistent \\x1b[2J 42')"), capture_output=True, expect_output="42")
    result = await perform(context)
    assert result.outcome is Outcome.DONE
    assert result.captured == {"exit": 0, "output": "consistent 42"}


async def test_a_value_stays_one_word(tmp_path):
    """A value from AWS or from a plan must never become a second argument or a shell command."""
    hostile = "a b; touch pwned $(touch pwned) `touch pwned` | cat"
    context = bench(tmp_path, [*python("import sys; print(len(sys.argv), sys.argv[1])"), hostile], capture_output=True)
    result = await perform(context)
    assert result.captured["output"] == f"2 {hostile}"
    assert not (tmp_path / "pwned").exists()


async def test_the_environment_is_minimal(tmp_path, monkeypatch):
    """Credentials and settings of the operator's shell must not leak into a plan's program."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leak")
    code = "import os; print(sorted(k for k in os.environ if k not in ('PATH', 'HOME', 'LANG', 'LC_CTYPE')))"
    result = await perform(bench(tmp_path, python(code), capture_output=True, env={"WANTED": "yes"}))
    assert result.captured["output"] == "['WANTED']"


async def test_another_exit_status_fails_with_what_the_program_said(tmp_path):
    """A validation script that fails must stop the recovery, with its own words."""
    result = await perform(bench(tmp_path, python("import sys; sys.exit('3 items differ')")))
    assert (result.outcome, result.captured) == (Outcome.FAILED, {"exit": 1})
    assert result.reason == "exit status 1: 3 items differ"


async def test_wanted_output_that_is_missing_fails(tmp_path):
    """Exit status 0 alone is no proof if the plan asks for words."""
    result = await perform(bench(tmp_path, python("print('0 checked')"), expect_output="[1-9][0-9]* checked"))
    assert result.outcome is Outcome.FAILED
    assert "does not contain" in result.reason


async def test_a_program_that_is_not_there_is_said_so(tmp_path):
    """A typing error in a plan is a sentence, not a traceback."""
    result = await perform(bench(tmp_path, ["/no/such/program"]))
    assert result.outcome is Outcome.FAILED
    assert "/no/such/program could not be started" in result.reason


@pytest.mark.parametrize(("more", "words"), [({"host": "db-1"}, "no host db-1"), ({"cwd": "/no/such"}, "/no/such")])
async def test_what_cannot_be_run_here_starts_nothing(tmp_path, more, words):
    """Another host or a missing folder must be refused before anything runs."""
    spec = {"argv": python("open('ran', 'w')"), "cwd": str(tmp_path), "timeout": "PT5S", **more}
    context = Bench(a_plan({"shell": spec}), folder=tmp_path / "files")
    result = await perform(context)
    assert (result.outcome, words in result.reason) == (Outcome.FAILED, True)
    assert not (tmp_path / "ran").exists()


async def test_the_time_limit_ends_the_whole_group(tmp_path):
    """A program's children must not go on changing things after the step has failed."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    result = await perform(bench(tmp_path, python(code), timeout="PT1.5S"))
    assert (result.outcome, "ended after 1.5 s" in result.reason) == (Outcome.FAILED, True)
    child = int((tmp_path / "child").read_text())
    await _until(lambda: not _runs(child))


async def test_a_change_is_confirmed_and_journaled_before_it_starts(tmp_path):
    """A program that changes something needs the same INTENT before and ACK after as a call to AWS."""
    context = bench(tmp_path, python("open('ran', 'w')"), "mutate")
    assert (await perform(context)).outcome is Outcome.DONE
    assert len(context.confirmed) == 1
    journaled = [record for record in context.records if isinstance(record, Intent | Acked)]
    assert [record.kind for record in journaled] == ["intent", "acked"]
    assert not context.state().steps["step"].calls[0].is_unknown


async def test_a_program_that_stops_writes_sets_the_end_of_the_window(tmp_path):
    """The data-loss window ends with the halt, whether a call to AWS or a program of the operator's made it."""
    spec = {"argv": python("pass"), "cwd": str(tmp_path), "timeout": "PT5S"}
    context = Bench(a_plan({"shell": spec, "stops_writes": True}, effect="mutate"), folder=tmp_path / "files")
    await perform(context)
    assert (context.state().halted_at, context.state().halt_proven) == (context.clock.now(), False)


async def test_a_dry_run_starts_nothing(tmp_path):
    """A dry run shows the command and must not run it."""
    context = bench(tmp_path, python("open('ran', 'w')"), "mutate", dry=True)
    assert (await perform(context)).outcome is Outcome.DONE
    assert len(context.confirmed) == 1
    assert not (tmp_path / "ran").exists()


async def test_a_program_is_found_again_and_not_repeated(tmp_path):
    """After a crash the step must wait for the program that runs already, and take its end, not start a second one."""
    code = "import time; open('runs', 'a').write('x'); time.sleep(1); print('finished')"
    first = bench(tmp_path, python(code), "mutate", capture_output=True)
    cut_off = asyncio.create_task(perform(first))
    await _until((tmp_path / "runs").exists)
    cut_off.cancel()
    verdict = await ShellAction().reconcile(first, first.step.action, _intent_of(first))
    assert verdict is not None
    assert (verdict.verdict, verdict.evidence) == ("happened", ("it is still running: the step waits for it",))
    again = bench(tmp_path, python(code), "mutate", capture_output=True)
    again.record(_intent_of(first))
    result = await perform(again)
    assert result.captured == {"exit": 0, "output": "finished"}
    assert (tmp_path / "runs").read_text() == "x"


async def test_a_vanished_program_is_unknown_not_failed(tmp_path):
    """If the machine went down under a program nobody knows how far it came: it must not be run again by itself."""
    context = bench(tmp_path, python("import time; time.sleep(60)"), "mutate")
    task = asyncio.create_task(perform(context))
    started = context.folder / "shell-1" / "started.json"
    await _until(lambda: started.exists() and '"pid"' in started.read_text())
    pids = json.loads(started.read_text())
    os.kill(pids["keeper"], signal.SIGKILL)
    os.killpg(pids["pid"], signal.SIGKILL)
    with pytest.raises(OutcomeUnknown):
        await asyncio.wait_for(task, 10)
    assert await ShellAction().reconcile(context, context.step.action, _intent_of(context)) is None


async def test_an_order_that_never_started_did_not_happen(tmp_path):
    """An INTENT without a started program is a definite no, so that the step can simply be tried again."""
    context = bench(tmp_path, python("pass"), "mutate")
    context.record(Intent(step="step", attempt=1, call=0, service="shell", operation="x", region="", params={}))
    verdict = await ShellAction().reconcile(context, context.step.action, _intent_of(context))
    assert verdict is not None
    assert verdict.verdict == "not_happened"


async def test_a_resumed_run_waits_for_its_program(tmp_path):
    """The whole engine: a cockpit that goes away and comes back must end the step with the one program it started."""
    code = "import time; open('runs', 'a').write('x'); time.sleep(1.5); print('finished')"
    spec = {"argv": python(code), "cwd": str(tmp_path), "timeout": "PT10S", "capture_output": True}
    rig = Rig(tmp_path / "state")

    def drive() -> RunState:
        first = rig.start(make_plan({"id": "job", "effect": "mutate", "shell": spec}))
        prompt_of(first, ConfirmPrompt)
        answer(first, Confirm)
        until((tmp_path / "runs").exists)
        rig.close()
        return ended(rig.resume(rig.path()))

    state = await asyncio.to_thread(drive)
    rig.close()
    assert (state.ended, state.steps["job"].captured) == ("finished", {"exit": 0, "output": "finished"})
    assert (tmp_path / "runs").read_text() == "x"


async def test_a_read_is_repeated_until_it_is_as_wanted(tmp_path):
    """A process that needs a moment to stop would fail the step that looks for it."""
    code = "import os; open('looks', 'a').write('x'); print('[PM2] Spawning'); print([os.path.getsize('looks')])"
    more = {"answer": "json", "expect": "answer[0] > `2`", "within": "PT10S", "every": "PT0.01S"}
    context = bench(tmp_path, python(code), **more, capture={"looks": "answer[0]"})
    result = await perform(context)
    assert (result.outcome, result.captured) == (Outcome.DONE, {"exit": 0, "looks": 3})


async def test_what_never_becomes_so_fails_with_what_to_do(tmp_path):
    """The operator would be told that something is not true, and not what that means."""
    more = {
        "answer": "lines",
        "expect": "length(answer) == `0`",
        "otherwise": "These are there: {{ join(', ', answer) }}.",
    }
    result = await perform(bench(tmp_path, python("print('a'); print(); print('b')"), **more))
    assert (result.outcome, result.reason) == (
        Outcome.FAILED,
        "not true: length(answer) == `0`. These are there: a, b.",
    )


async def test_private_output_is_neither_kept_nor_shown(tmp_path):
    """pm2 lists every process with its environment: passwords would stay on disk, in the journal, on the screen."""
    more = {"answer": "json", "private": True, "capture": {"status": "answer.status"}}
    code = "import json, sys; print(json.dumps({'status': 'online', 'password': 'hunter' + '2'})); sys.exit(%d)"
    for status, outcome in ((0, Outcome.DONE), (3, Outcome.FAILED)):
        context = bench(tmp_path, python(code % status), **more)
        result = await perform(context)
        assert result.outcome is outcome
        told = f"{result} {context.records} {context.seen}"
        assert "hunter2" not in told
        assert not [path for path in context.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("effect", ["read", "mutate"])
async def test_a_program_gets_its_fixed_text(tmp_path, effect):
    """SQL for psql would have to be spliced into a shell line."""
    context = bench(tmp_path, ["cat"], effect, stdin="select :'name';\n", capture={"said": "answer"})
    assert (await perform(context)).captured["said"] == "select :'name';"
    if effect == "mutate":
        (call,) = context.confirmed[0][0]
        assert (call.params["stdin"], "<<<" in call.command) == ("select :'name';", True)


async def test_a_proof_ends_the_window(tmp_path):
    """The data-loss window would rest on an acknowledgement, although a program has proven that nobody writes."""
    context = bench(tmp_path, python("print('[]')"), answer="json", expect="length(answer) == `0`", proves_halt=True)
    await perform(context)
    assert (context.state().halted_at, context.state().halt_proven) == (context.clock.now(), True)


async def test_an_environment_from_one_expression(tmp_path):
    """Every step would have to repeat how its database is reached."""
    code = "import os; print(os.environ['PGHOST'])"
    more = {"env": "{{ {PGHOST: scope.account} }}", "capture": {"host": "answer"}}
    result = await perform(bench(tmp_path, python(code), **more))
    assert result.captured["host"] == "123456789012"
    result = await perform(bench(tmp_path / "..", python(code), env="{{ scope.account }}"))
    assert (result.outcome, "env gives no map" in result.reason) == (Outcome.FAILED, True)


def _intent_of(context: Bench) -> Intent:
    return next(record for record in context.records if isinstance(record, Intent))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def _until(happened, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)

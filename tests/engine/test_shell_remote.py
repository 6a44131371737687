"""Programs on another host: a real SSH server, and a line that goes down at every moment."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from cockpit.aws.port import OutcomeUnknown
from cockpit.config.schema import Host
from cockpit.engine.actions.shell import ShellAction
from cockpit.engine.records import Acked, CallUnknown, Intent
from cockpit.engine.shell_job import LineDown, Order
from cockpit.engine.shell_line import SshLine
from cockpit.engine.shell_remote import RemoteJob
from cockpit.model.effect import Outcome
from cockpit.plans.actions.shell import ShellSpec
from support.action_bench import Bench, a_plan
from support.remote_host import RemoteHost

HOSTILE = ["; reboot", "$(id)", "`id`", "a b  c", "'\"", "*", "~", "\\", "> /tmp/x", "é\u202e", "a\nb", "-x", "", "!1"]

UNTIL_TOLD = "while [ ! -e go ]; do sleep 0.05; done"


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """A host of its own: an SSH server, and a home folder that programs there see."""
    with RemoteHost(tmp_path_factory.mktemp("remote")) as host:
        yield host


@pytest.fixture(autouse=True)
def no_jobs(remote):
    """Clear the host: every bench's run has the same id."""
    yield
    shutil.rmtree(remote.jobs, ignore_errors=True)


def bench(remote: RemoteHost, tmp_path: Path, argv: list[str], effect: str = "read", **more) -> Bench:
    """Return a bench whose step runs that program on the host."""
    spec = {"argv": argv, "cwd": str(tmp_path), "timeout": "PT20S", "host": "app", **more}
    step = {"shell": spec}
    return Bench(a_plan(step, effect=effect), folder=tmp_path / "files", hosts={"app": remote.host})


async def perform(context: Bench):
    assert isinstance(context.step.action, ShellSpec)
    return await ShellAction().perform(context, context.step.action)


def intent_of(context: Bench) -> Intent:
    return next(record for record in context.records if isinstance(record, Intent))


def job(remote: RemoteHost, name: str) -> RemoteJob:
    return RemoteJob(SshLine("app", remote.host), name)


async def until(happened, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def test_words_arrive_whole(remote, tmp_path):
    """A value would be split, expanded or run by the shell of the other host."""
    words = ["sh", "-c", 'printf "%s|" "$#" "$WANTED" "$@"', "sh", *HOSTILE]
    result = await perform(
        bench(remote, tmp_path, words, answer="text", env={"WANTED": "$(id)"}, capture={"said": "answer"})
    )
    assert result.captured["said"] == "|".join([str(len(HOSTILE)), "$(id)", *HOSTILE]) + "|"


async def test_environment_is_minimal_and_the_hosts_own(remote, tmp_path):
    """Settings of the operator's machine must not travel; what cockpit.toml gives the host must."""
    result = await perform(bench(remote, tmp_path, ["env"], answer="lines", capture={"all": "answer"}))
    found = {line.partition("=")[0] for line in result.captured["all"]}
    assert found == {"PATH", "HOME", "LANG"}
    assert f"HOME={Path.home()}" in result.captured["all"]


async def test_exit_status_and_complaint_come_back(remote, tmp_path):
    """A program that failed over there must stop the plan, with its own words."""
    result = await perform(bench(remote, tmp_path, ["sh", "-c", "echo 3 rows differ >&2; exit 4"]))
    assert (result.outcome, result.captured, result.reason) == (
        Outcome.FAILED,
        {"exit": 4},
        "exit status 4: 3 rows differ",
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"cwd": "/no/such"}, "the folder /no/such does not exist"),
        ({"argv": ["/no/such/program"]}, "could not be started"),
        ({"host": "other"}, "There is no host other (known: local, app)"),
    ],
)
async def test_what_cannot_be_run_is_said(remote, tmp_path, more, words):
    """A misspelt folder, program or host is a sentence."""
    result = await perform(bench(remote, tmp_path, **{"argv": ["true"], **more}))
    assert (result.outcome, words in result.reason) == (Outcome.FAILED, True), result.reason


async def test_time_limit_ends_the_whole_group_over_there(remote, tmp_path):
    """A program's children must not go on changing the host after the step has failed."""
    code = "sleep 60 & echo $! >child; wait"
    result = await perform(bench(remote, tmp_path, ["sh", "-c", code], timeout="PT1S"))
    assert (result.outcome, "ended at its time limit" in result.reason) == (Outcome.FAILED, True)
    child = int((tmp_path / "child").read_text())
    await until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


async def test_program_outlives_its_line_and_is_found_again(remote, tmp_path):
    """A lost line would end the job, or a resumed run would start it a second time."""
    code = f"echo x >>runs; {UNTIL_TOLD}; echo finished"
    first = bench(remote, tmp_path, ["sh", "-c", code], "mutate", capture_output=True)
    cut_off = asyncio.create_task(perform(first))
    await until((tmp_path / "runs").exists)
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    remote.cut_lines()
    verdict = await ShellAction().reconcile(first, first.step.action, intent_of(first))
    assert verdict is not None
    assert (verdict.verdict, verdict.evidence) == ("happened", ("it is still running: the step waits for it",))
    again = bench(remote, tmp_path, ["sh", "-c", code], "mutate", capture_output=True)
    again.record(intent_of(first))
    (tmp_path / "go").touch()
    result = await perform(again)
    assert result.captured == {"exit": 0, "output": "finished"}
    assert (tmp_path / "runs").read_text() == "x\n"


async def test_line_that_goes_down_meanwhile_is_waited_for(remote, tmp_path, monkeypatch):
    """A break of the line in the middle of a job would fail the step although the job does its work."""
    monkeypatch.setattr("cockpit.engine.shell_remote._LOOKED_AT_ONCE", 0.2)
    code = f"echo x >>ran; echo begun; {UNTIL_TOLD}; echo done"
    context = bench(remote, tmp_path, ["sh", "-c", code], "mutate", capture_output=True)
    task = asyncio.create_task(perform(context))
    await until(lambda: "output" in context.seen)
    remote.hang_up()
    await until(lambda: "line" in context.seen)
    assert "The program goes on by itself" in context.seen["line"][0]
    (tmp_path / "go").touch()
    remote.answer()
    result = await asyncio.wait_for(task, 20)
    assert result.captured == {"exit": 0, "output": "begun\ndone"}
    assert context.seen["line"] == ("app answers again", True)
    assert (tmp_path / "ran").read_text() == "x\n"


async def test_order_given_twice_starts_one_program(remote, tmp_path):
    """An order repeated because its answer was lost must not run twice."""
    order = Order(("sh", "-c", "echo x >>ran; sleep 0.3"), str(tmp_path), {}, 10)
    twice = job(remote, f"twice-{os.getpid()}")
    await asyncio.gather(twice.start(order), twice.start(order), twice.start(order))
    view = await twice.look(10)
    assert (view.state, view.exit, (tmp_path / "ran").read_text()) == ("ended", 0, "x\n")


async def test_late_order_finds_the_door_shut(remote, tmp_path):
    """Once a run has been told that a program never started, an order still on its way must not start it."""
    late = job(remote, f"late-{os.getpid()}")
    assert (await late.settle()).state == "absent"
    await late.start(Order(("touch", "ran"), str(tmp_path), {}, 10))
    assert (await late.look(1)).state == "absent"
    assert not (tmp_path / "ran").exists()


async def test_vanished_program_is_unknown(remote, tmp_path):
    """If the host went down under a program nobody knows how far it came."""
    context = bench(remote, tmp_path, ["sh", "-c", "echo $PPID $$ >pids; sleep 60"], "mutate")
    task = asyncio.create_task(perform(context))
    await until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().strip())
    keeper, program = map(int, (tmp_path / "pids").read_text().split())
    os.kill(keeper, signal.SIGKILL)
    os.killpg(program, signal.SIGKILL)
    with pytest.raises(OutcomeUnknown):
        await asyncio.wait_for(task, 15)
    assert [record.kind for record in context.records if isinstance(record, Acked | CallUnknown)] == ["call_unknown"]
    assert await ShellAction().reconcile(context, context.step.action, intent_of(context)) is None


async def test_read_leaves_nothing_behind(remote, tmp_path):
    """Reads would fill the host with folders, and private output would lie there."""
    result = await perform(bench(remote, tmp_path, ["echo", "secret"], private=True, capture={"n": "length(answer)"}))
    assert result.captured == {"exit": 0, "n": 6}
    assert not list(remote.jobs.glob("*-step-*"))


async def test_unknown_host_key_is_refused(remote, tmp_path):
    """A machine in the middle would be trusted; and waiting for it to pass would be in vain."""
    stranger = tmp_path / "known_hosts"
    stranger.write_text("")
    own = {"UserKnownHostsFile": str(stranger), "ControlPath": "none"}
    host = remote.host.model_copy(update={"options": {**remote.host.options, **own}})
    began = time.monotonic()
    with pytest.raises(LineDown, match="Host key verification failed") as down:
        await SshLine("app", host).run("echo no")
    assert not down.value.passing
    context = bench(remote, tmp_path, ["touch", "ran"], "mutate")
    context.hosts = {"app": host}
    with pytest.raises(OutcomeUnknown):
        await perform(context)
    assert time.monotonic() - began < 10
    assert not (tmp_path / "ran").exists()


def test_options_cannot_switch_off_host_key_checks():
    """A line in cockpit.toml would quietly open every host to whoever is on the way."""
    for name in ("StrictHostKeyChecking", "stricthostkeychecking", "BatchMode"):
        with pytest.raises(ValueError, match="always checks host keys"):
            Host(destination="app-1", options={name: "no"})
    with pytest.raises(ValueError, match="destination"):
        Host(destination="-oProxyCommand=id")


def test_nothing_of_a_plan_is_on_the_command_line(remote):
    """Arguments of ssh are seen by everybody on this machine, and parsed by the login shell of the other."""
    assert SshLine("app", remote.host).command()[-3:] == ["--", remote.host.destination, "exec sh -s"]

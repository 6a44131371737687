"""Are the hosts of the plan's programs there, and the programs on them? Asked before anything changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.config.schema import Host
from cockpit.engine.permissions import Context, patterned
from cockpit.engine.records import PreflightChecked
from cockpit.engine.resource_arns import is_exact
from cockpit.engine.shell_job import CannotStart, Job, LineDown, Order
from cockpit.engine.shell_line import SshLine
from cockpit.engine.shell_local import LocalJob
from cockpit.engine.shell_remote import RemoteJob
from cockpit.model.text import clean
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.schema import Plan

LOCAL = "local"
_PATIENCE = 20.0  # real seconds for one host
# Names what is missing, one on a line; `--` is not for POSIX's `command -v`, and no program's name begins with a dash.
_MISSING = 'for name; do command -v "$name" >/dev/null || printf "%s\\n" "$name"; done'


@dataclass(frozen=True, slots=True)
class Needed:
    """A program on a host; `certain`: some step that is always carried out needs it."""

    host: str
    name: str
    certain: bool


def needed_programs(plan: Plan, context: Context) -> Iterator[Needed]:
    """Yield what the plan's shell steps run, their ways back too, as far as it is known before the first step.

    A program in a folder of its step (``./deploy``) is left out: earlier steps may put it there. So is one of a step
    that sets its own PATH.
    """
    certain: dict[tuple[str, str], bool] = {}
    for step in plan.steps:
        always = step.when is None and not step.skippable
        for spec, counts in ((step.action, always), (step.undo.action if step.undo else None, False)):
            if not isinstance(spec, ShellSpec):
                continue
            host, name = (str(patterned(text, context)) for text in (spec.host, spec.argv[0]))
            own_path = isinstance(spec.env, str) or "PATH" in spec.env
            is_found_by_path = not own_path and ("/" not in name or name.startswith("/"))
            if is_exact(host) and is_exact(name) and is_found_by_path and not name.startswith("-"):
                certain[host, name] = certain.get((host, name), False) or counts
    for (host, name), is_certain in certain.items():
        yield Needed(host, name, is_certain)


async def check_programs(
    needed: Iterator[Needed], hosts: Mapping[str, Host], folder: Path
) -> tuple[PreflightChecked, ...]:
    """Look on each host for the programs that are needed there.

    What is missing, or a host that does not answer, is blocking if a step that is always carried out needs it.

    Args:
        needed: `needed_programs`.
        hosts: the environment's hosts by name.
        folder: new one for what is run on this machine; its name, unlike any other's, serves on other hosts.
    """
    by_host: dict[str, list[Needed]] = {}
    for each in needed:
        by_host.setdefault(each.host, []).append(each)
    return tuple([await _check_host(host, wanted, hosts, folder) for host, wanted in by_host.items()])


async def _check_host(host: str, wanted: list[Needed], hosts: Mapping[str, Host], folder: Path) -> PreflightChecked:
    title = f"The programs are on {'this machine' if host == LOCAL else clean(host, 60)}"
    known = hosts.get(host, Host() if host == LOCAL else None)
    any_certain = any(each.certain for each in wanted)
    if known is None:
        words = f"there is no host {clean(host, 60)} in cockpit.toml: add it to the environment's hosts"
        return _checked(host, title, words, ok=False, blocking=any_certain)
    job: Job = RemoteJob(SshLine(host, known), folder.name, keep=False) if known.destination else LocalJob(folder)
    try:
        missing = await _missing(job, [each.name for each in wanted], known)
    except (LineDown, CannotStart) as reason:
        return _checked(host, title, f"could not be looked for: {reason}", ok=None, blocking=any_certain)
    if missing:
        blocking = any(each.certain for each in wanted if each.name in missing)
        words = f"not there: {', '.join(missing)}. Install what is missing, or give the host a PATH in cockpit.toml"
        return _checked(host, title, words, ok=False, blocking=blocking)
    return _checked(host, title, ", ".join(each.name for each in wanted), ok=True, blocking=any_certain)


async def _missing(job: Job, names: list[str], host: Host) -> list[str]:
    """Return the programs that are not to be found.

    Raises:
        LineDown, CannotStart: nobody can tell.
    """
    order = Order(("/bin/sh", "-c", _MISSING, "sh", *names), "/", host.env, _PATIENCE)
    await job.start(order)
    view = await job.look(_PATIENCE)
    await job.forget()
    if view.state != "ended" or view.error or view.exit is None:
        raise CannotStart(f"{view.error or 'the host gave no answer in time'}")
    found = view.output.splitlines()
    return [name for name in names if name in found]


def _checked(host: str, title: str, detail: str, *, ok: bool | None, blocking: bool) -> PreflightChecked:
    return PreflightChecked(
        id=f"programs:{clean(host, 60)}", title=title, ok=ok, blocking=blocking, detail=clean(detail)
    )

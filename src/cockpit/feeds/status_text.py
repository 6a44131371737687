"""A snapshot as plain text of 80 columns: `cockpit status`."""

import textwrap
from datetime import datetime, timedelta

from cockpit.feeds.snapshot import Snapshot
from cockpit.feeds.verdict import failing, firing
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.deployment import Deployment
from cockpit.model.reading import Fault
from cockpit.model.restore import ProtectedTable, RestoreBoard, TableRestore
from cockpit.model.text import duration, utc

WIDTH = 80


def status_text(snapshot: Snapshot, environment: str, kind: str, now: datetime, since: timedelta) -> str:
    """Return the text, without a final newline.

    Args:
        snapshot: one complete set of readings.
        environment: name of the environment.
        kind: how much it matters, in one word.
        now: the time to count ages from, UTC.
        since: how far back deployments were read.
    """
    identity = snapshot.identity.value
    account = identity.account if identity else "unknown"
    lines = [f"{environment} ({kind})  account {account}  {utc(now)}  READ-ONLY"]
    lines += [_cut(f"as {identity.arn}")] if identity else []
    if snapshot.identity.fault is not None:
        lines += _fault("WHO AM I", snapshot.identity.fault)
    for region in snapshot.alarms:
        lines += ["", f"== {region} =="]
        lines += _alarms(snapshot, region, now)
        lines += _deployments(snapshot, region, now, since)
        lines += _restores(snapshot, region, now)
    return "\n".join(lines)


def _alarms(snapshot: Snapshot, region: str, now: datetime) -> list[str]:
    reading = snapshot.alarms[region]
    if reading.fault is not None or reading.value is None:
        return _fault("ALARMS", reading.fault)
    states = [alarm.state for alarm in reading.value]
    counts = ", ".join(f"{states.count(state)} {state.value}" for state in AlarmState if state in states) or "none"
    return [f"ALARMS       {counts}", *(line for alarm in firing(reading.value) for line in _alarm(alarm, now))]


def _alarm(alarm: Alarm, now: datetime) -> list[str]:
    age = "" if alarm.since is None else f"  for {duration(now - alarm.since)}"
    muted = "" if alarm.actions_enabled else "  (its actions are off)"
    state = alarm.state.value if alarm.state is not AlarmState.UNKNOWN else f"UNKNOWN {alarm.raw_state}"
    return [_cut(f"  {state}  {alarm.name}{age}{muted}"), *_wrap(alarm.reason, "      ", 2)]


def _deployments(snapshot: Snapshot, region: str, now: datetime, since: timedelta) -> list[str]:
    reading = snapshot.deployments[region]
    if reading.fault is not None or reading.value is None:
        return _fault("DEPLOYMENTS", reading.fault)
    running = [item for item in reading.value if item.state.is_running]
    failed = failing(reading.value)
    counts = f"{len(reading.value)} within {duration(since)}, {len(running)} running, {len(failed)} failed or stopped"
    shown = [*running, *failed] or list(reading.value[:1])
    return [f"DEPLOYMENTS  {counts}", *(line for item in shown for line in _deployment(item, now))]


def _deployment(item: Deployment, now: datetime) -> list[str]:
    when = item.completed_at or item.started_at or item.created_at
    age = f"{'ended' if item.completed_at else 'started'} {duration(now - when)} ago" if when else ""
    lines = [_cut(f"  {item.raw_state or item.state.value}  {item.deployment_id}  {item.application}/{item.group}")]
    lines += [_cut("      " + ", ".join(part for part in (age, item.revision) if part))]
    for target in item.targets:
        shares = [
            f"{task.label} {task.traffic_percent:g} %" for task in target.task_sets if task.traffic_percent is not None
        ]
        lines += [_cut("      traffic: " + ", ".join(shares))] if shares else []
    for words, other in (("rolled back by", item.rolled_back_by), ("rolls back", item.rollback_of)):
        lines += [_cut(f"      {words} {other}")] if other else []
    error = " ".join(part for part in (item.error_code, item.error_message) if part)
    return [*lines, *_wrap(error, "      ", 2)]


def _restores(snapshot: Snapshot, region: str, now: datetime) -> list[str]:
    reading = snapshot.restores[region]
    if reading.fault is not None or reading.value is None:
        return _fault("RESTORES", reading.fault)
    board: RestoreBoard = reading.value
    running = [item for item in board.restores if item.in_progress]
    noun = "table" if len(board.tables) == 1 else "tables"
    lines = [f"RESTORES     {len(running)} running, {len(board.tables)} {noun} under point-in-time recovery"]
    lines += [line for item in running for line in _restore(item, now)]
    lines += [_cut(f"  {_window(table)}") for table in board.tables]
    return lines + [line for gap in board.gaps for line in _wrap(f"could not be read: {gap}", "  ", 3)]


def _restore(item: TableRestore, now: datetime) -> list[str]:
    return [
        _cut(f"  RESTORING  {item.table}  from {item.source_table}"),
        _cut(f"      to {utc(item.restored_to)}, running for {duration(item.elapsed(now))}"),
    ]


def _window(table: ProtectedTable) -> str:
    if not table.pitr_enabled:
        return f"{table.table}: NO POINT-IN-TIME RECOVERY ({table.status})"
    status = "" if table.status == "ACTIVE" else f" ({table.status})"
    return f"{table.table}{status}: {utc(table.earliest)} to {utc(table.latest)}"


def _fault(what: str, fault: Fault | None) -> list[str]:
    if fault is None:
        return [f"{what:<12} NOT READ"]
    return [f"{what:<12} COULD NOT BE READ", *_wrap(fault.message, "  ", 4), *_wrap(fault.remedy, "  -> ", 3)]


def _wrap(text: str, indent: str, most: int) -> list[str]:
    """Wrap words under an indent; at most so many lines."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        max_lines=most,
        placeholder=" …",
        break_on_hyphens=False,
    )


def _cut(line: str) -> str:
    line = line.rstrip()
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"

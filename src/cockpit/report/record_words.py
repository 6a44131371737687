"""Each record of a run in one line of plain words, for the journal screen, the line mode and the incident report."""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import singledispatch

from pydantic import BaseModel, JsonValue

from cockpit.engine import records as r
from cockpit.model.loss_window import WriteCount
from cockpit.model.text import clean, clean_block, duration, utc, utc_time
from cockpit.plans.schema import Plan
from cockpit.report.branch_words import named
from cockpit.report.count_words import write_words

_VALUE_LIMIT = 200


def record_words(record: BaseModel) -> str:
    """Return the record in one cleaned line. A kind this version has no words for is named with its fields."""
    return clean(_words(record), 1000)


def entry_line(entry: r.Entry, plan: Plan | None = None) -> str:
    """Return ``12  03:04:05Z  words`` for one entry of the journal; with its plan, what a branch did bears its name."""
    words = record_words(entry.record)
    if plan is not None:
        words = named(plan, getattr(entry.record, "step", ""), words)
    return f"{entry.seq:>4}  {utc_time(entry.at)}  {words}"


def entry_json(entry: r.Entry) -> str:
    """Return the whole entry as indented JSON whose texts cannot move the cursor or reorder anything."""
    return json.dumps(clean_json(entry.model_dump(mode="json")), indent=2, ensure_ascii=False)


def clean_json(value: JsonValue) -> JsonValue:
    r"""Return a JSON value with every text in it (keys too) made harmless; newlines stay, as ``\n`` once encoded."""
    if isinstance(value, str):
        return clean_block(value, 1_000_000)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_json(item) for key, item in value.items()}
    return value


def short_json(value: object, limit: int = _VALUE_LIMIT) -> str:
    """Return a value on one cleaned line, cut at `limit`: texts bare, everything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return clean(text, limit)


def _pairs(values: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name}={short_json(value, 80)}" for name, value in values.items())


def _with(words: str, detail: str, joint: str = ": ") -> str:
    return f"{words}{joint}{detail}" if detail else words


def _step(step_id: str) -> str:
    """Name a step; the empty id stands for the preflight."""
    return f"step {step_id}" if step_id else "preflight"


@singledispatch
def _words(record: BaseModel) -> str:
    return f"{getattr(record, 'kind', type(record).__name__)}: {short_json(record.model_dump(mode='json'))}"


@_words.register
def _run_opened(record: r.RunOpened) -> str:
    mode = "live" if record.mode == "live" else "dry run, changes nothing"
    return (
        f"run opened ({mode}): {record.plan_id} on {record.environment} ({record.environment_kind}), "
        f"account {record.account}, {record.region}, by {record.operator}@{record.host}"
    )


@_words.register
def _driver(record: r.DriverTookOver) -> str:
    return _with(f"{record.operator}@{record.host}, process {record.pid}, drives the run", record.why)


@_words.register
def _handed_over(record: r.HandedOver) -> str:
    return f"{record.by} hands the run over to {record.to}"


@_words.register
def _clock(record: r.ClockSetBack) -> str:
    if not record.seconds:
        return "the machine's clock has caught up: times are its own again"
    back = duration(timedelta(seconds=record.seconds))
    return f"THE CLOCK WAS SET BACK by {back}: times stand still until it catches up; the order of records holds"


@_words.register
def _restoring(record: r.RestoringHalted) -> str:
    return f"{record.operator} puts back what is still halted, undoing: {', '.join(record.steps)}"


@_words.register
def _input(record: r.InputSet) -> str:
    return _with(f"input {record.name} = {short_json(record.value)}", record.basis, " - ")


@_words.register
def _preflight(record: r.PreflightChecked) -> str:
    verdict = {True: "passed", False: "FAILED", None: "could not be checked"}[record.ok]
    weight = "" if record.ok or record.blocking else " (warning only)"
    return _with(f"preflight {verdict}{weight}: {record.title}", record.detail, " - ")


@_words.register
def _armed(record: r.Armed) -> str:
    return f"armed: the operator typed {record.typed!r}"


@_words.register
def _step_started(record: r.StepStarted) -> str:
    what = "is being taken back" if record.undo else "started"
    return f"{_step(record.step)} {what}" + (f", attempt {record.attempt}" if record.attempt > 1 else "")


@_words.register
def _queued(record: r.Queued) -> str:
    return f"{_step(record.step)} has a question: it comes once the one before it is answered"


@_words.register
def _prompted(record: r.Prompted) -> str:
    return f"{_step(record.step)} waits for a person: {record.prompt.kind.replace('_', ' ')}"


@_words.register
def _answered(record: r.Answered) -> str:
    answer = {name: value for name, value in record.answer.items() if value not in ("", None)}
    return _with(f"{_step(record.step)} answered by {record.command}", _pairs(answer))


@_words.register
def _refused(record: r.Refused) -> str:
    return f"REFUSED {record.command} at step {record.step or 'preflight'}: {record.why}"


@_words.register
def _intent(record: r.Intent) -> str:
    return f"INTENT {record.service} {record.operation} in {record.region}: {short_json(record.params)}"


@_words.register
def _acked(record: r.Acked) -> str:
    return f"ACK call {record.call} of {_step(record.step)}, request id {record.request_id or 'not given'}"


@_words.register
def _call_failed(record: r.CallFailed) -> str:
    return f"CALL FAILED, call {record.call} of {_step(record.step)}: {record.code}: {record.message}"


@_words.register
def _call_unknown(record: r.CallUnknown) -> str:
    return _with(
        f"UNKNOWN whether call {record.call} of {_step(record.step)} took effect", "; ".join(record.evidence), " - "
    )


VERDICTS = {
    "happened": "took effect",
    "not_happened": "did NOT take effect",
    "conflict": "is in CONFLICT",
    "repeatable": "may be sent again",
}
"""What became of a call whose answer was lost, in words."""


@_words.register
def _reconciled(record: r.Reconciled) -> str:
    by = {"aws": "AWS was read", "operator": "the operator's evidence", "plan": "the plan's word"}[record.by]
    said = f"call {record.call} of {_step(record.step)} {VERDICTS[record.verdict]}, by {by}"
    return _with(said, "; ".join(record.evidence), " - ")


@_words.register
def _observed(record: r.Observed) -> str:
    mark = {True: " (as wanted)", False: " (not as wanted)", None: ""}[record.ok]
    return f"seen: {record.what}: {record.text}{mark}"


@_words.register
def _halted(record: r.HaltedValue) -> str:
    return f"halted {record.name}: {record.what}; was {short_json(record.value)}"


@_words.register
def _halt_restored(record: r.HaltRestored) -> str:
    return f"halted value {record.name} put back by {_step(record.step)}"


@_words.register
def _writes_halted(record: r.WritesHalted) -> str:
    proof = "proven" if record.proven else "acknowledged, not yet proven"
    return _with(f"writes ended at {utc(record.at)}, {proof}", record.basis, " - ")


@_words.register
def _writes_reopened(record: r.WritesReopened) -> str:
    return f"writes go on since {utc(record.at)}: from here a later rollback would lose new writes"


@_words.register
def _loss_measured(record: r.LossMeasured) -> str:
    counted = (
        None
        if record.at_least is None or record.at_most is None
        else WriteCount(record.at_least, record.at_most, record.count_basis)
    )
    span = duration(record.end - record.start)
    return (
        f"data-loss window {utc(record.start)} to {utc(record.end)}, {span}, "
        f"{write_words(counted)} ({_with(record.end_basis, record.count_basis, '; ')})"
    )


@_words.register
def _loss_accepted(record: r.LossAccepted) -> str:
    second = f" with {record.second_person}" if record.second_person else ""
    most = "" if record.at_most is None else f", up to {record.at_most:,} writes"
    span = f"{utc(record.start)} to {utc(record.end)}"
    return f"data loss {span}{most} accepted by {record.by}{second}, who typed {record.typed!r}"


@_words.register
def _status_posted(record: r.StatusPosted) -> str:
    if not record.posted:
        return f"status text {record.phase} was NOT posted"
    edited = ", edited" if record.edited else ""
    return _with(f"status text {record.phase} ({record.basis}{edited}) posted", record.where, " to ")


@_words.register
def _step_ended(record: r.StepEnded) -> str:
    return _with(f"{_step(record.step)} {record.outcome.upper()}", record.reason, " - ")


@_words.register
def _paused(record: r.Paused) -> str:
    del record
    return "paused: no further step is taken"


@_words.register
def _resumed(record: r.Resumed) -> str:
    del record
    return "resumed"


@_words.register
def _note(record: r.NoteTaken) -> str:
    return f"note: {record.text}"


@_words.register
def _abort(record: r.AbortChosen) -> str:
    what = {"leave": "leave everything as it is", "stop": "stop after the step in flight", "undo": "undo in reverse"}
    return _with(f"ABORT: {what[record.choice]}", record.reason, " - ")


@_words.register
def _run_ended(record: r.RunEnded) -> str:
    left = f"; still halted: {', '.join(record.left_halted)}" if record.left_halted else ""
    return _with(f"run ended: {record.result.replace('_', ' ')}", record.reason, " - ") + left

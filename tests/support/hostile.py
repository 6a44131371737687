"""Text that somebody else wrote and that wants to do something in a terminal; runs and prompts made of it."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from cockpit.aws.command_line import command_line
from cockpit.engine import prompts as p
from cockpit.engine import records as r
from cockpit.engine.canonical import FIRST, next_entry
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import WindowEnd
from cockpit.model.scope import EnvironmentKind
from support.engine_rig import SCALE, make_plan

START = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
NASTY = (
    "\x1b[2J\x1b[H",
    "\x1b]0;owned\x07",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x9b31m",
    "\x1bP1$r\x1b\\",
    "\r\nACK call 0",
    "\u202egnp.exe",
    "\u2066hidden\u2069",
    "a\u200bb",
    "[red]x[/red]",
    "[@click=app.quit]x[/]",
    "{{ scope.account }}",
    "$(reboot)",
    "`reboot`",
    "; rm -rf /",
    "--force",
    "-rf",
    "'\"\\",
    "\x00\x08\x7f",
    "\ud800",
    "\U000e0041",
)
TEXT = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=12)), min_size=1, max_size=4).map("".join)
# What AWS sends arrives as JSON over HTTP in UTF-8: no lone surrogates in records.
STORED = TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}


def harmless(line: str) -> bool:
    """Tell whether a line can be printed on any terminal without doing anything but appear."""
    hidden = [c for c in line if unicodedata.category(c) == "Cf" and c != "\u00ad"]
    dangerous = [c for c in hidden if unicodedata.bidirectional(c) in ("RLE", "LRE", "RLO", "LRO", "RLI", "LRI", "PDF")]
    return not dangerous and not any(unicodedata.category(c) in FORBIDDEN for c in line)


def opened(text: str) -> r.RunOpened:
    plan = make_plan({**SCALE, "title": text or "x", "why": text}, title=text or "x")
    return r.RunOpened(
        run_id="20260131T030000Z-plan-t-0000",
        plan_id="shop/plan-t-test",
        plan=plan.model_dump(mode="json"),
        plan_digest="0",
        mode="live",
        operator=text,
        host=text,
        environment="drill",
        environment_kind=EnvironmentKind.DRILL,
        account="123456789012",
        region="us-east-1",
        role=text,
        names={"shop": {"table": text}},
        cockpit="0",
    )


AT = {"step": "scale", "attempt": 1}


def records_of(text: str) -> list[r.Record]:
    """Return the records of a run into which somebody else's text goes wherever it can."""
    call = {**AT, "call": 0}
    return [
        opened(text),
        r.DriverTookOver(operator=text, host=text, pid=1, why=text),
        r.InputSet(name="table", value=text, basis=text),
        r.Armed(typed="drill"),
        r.StepStarted(step="", attempt=1),
        r.PreflightChecked(id="x", title=text, ok=False, blocking=False, detail=text, captured={"x": text}),
        r.StepEnded(step="", attempt=1, outcome=Outcome.DONE),
        r.StepStarted(**AT),
        r.Observed(**AT, what=text, text=text, ok=True),
        r.Prompted(**AT, prompt=p.TextPrompt(question=text, offered=text)),
        r.Answered(**AT, command="Answer", answer={"value": text, text: [text]}),
        r.Refused(**AT, command=text, why=text),
        r.HaltedValue(step="scale", name="x", what=text, value={"was": text}),
        r.Intent(**call, service="ecs", operation="UpdateService", region="us-east-1", params={"cluster": text}),
        r.CallUnknown(**call, evidence=(text, text)),
        r.Reconciled(**call, verdict="happened", by="operator", evidence=(text,), answer={"x": text}),
        r.StatusPosted(step="scale", phase=text, basis=text, text=text, edited=True, posted=True, where=text),
        r.NoteTaken(text=text),
        r.StepEnded(**AT, outcome=Outcome.FAILED, reason=text, captured={"x": text}),
        r.AbortChosen(choice="leave", reason=text),
        r.RunEnded(result="aborted", reason=text, left_halted=(text,)),
    ]


def entries_of(text: str) -> list[r.Entry]:
    """Return these records as a journal has them."""
    entries: list[r.Entry] = []
    prev = FIRST
    for seq, record in enumerate(records_of(text)):
        entries.append(
            next_entry(record, seq=seq, at=START + timedelta(seconds=seq), driver=f"{text}@here/1", prev=prev)
        )
        prev = entries[-1].hash
    return entries


def prompts_of(text: str) -> Iterator[p.Prompt]:
    """Yield a prompt of every kind that says it wherever it can."""
    call = p.PlannedCall(
        service="ecs",
        operation="UpdateService",
        region="us-east-1",
        account="123456789012",
        params={"cluster": text},
        command=command_line("ecs", "UpdateService", "us-east-1", {"cluster": text}),
        target=text,
    )
    yield p.ConfirmPrompt(calls=(call,), notes=(text,), data_cost=text, time_cost=text, undo=text, type_this=text)
    yield p.ChoicePrompt(question=text, choices=(p.Choice(value=text, label=text, refused=text),), because=text)
    yield p.TextPrompt(question=text, offered=text)
    yield p.ChecklistPrompt(items=(p.CheckItem(id="x", text=text, evidence=text),))
    yield p.ApprovePrompt(statement=text, phrase=text, second_person=True, accepts_loss=True)
    yield p.RestorePointPrompt(
        table=text,
        earliest=START,
        latest=START + timedelta(hours=1),
        marks=(p.Mark(at=START, kind=text, label=text),),
        end=START + timedelta(hours=1),
        end_basis=WindowEnd.NOW.value,
        gaps=(text,),
    )
    yield p.StatusPrompt(phase="x", title=text, basis="draft", text=text)
    yield p.NotifyPrompt(to=text, text=text)
    yield p.TroublePrompt(outcome="failed", message=text, remedy=text, evidence=(text,), ways=("retry", "abort"))

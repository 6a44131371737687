"""Text from AWS, plans and operators can neither move the cursor, colour, hide, nor become code or options."""

import shlex
import unicodedata
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cockpit.aws.command_line import command_line
from cockpit.cli.main import main
from cockpit.engine import prompts as p
from cockpit.engine import records as r
from cockpit.engine.canonical import FIRST, next_entry
from cockpit.engine.fold import fold, fold_all
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import WindowEnd
from cockpit.model.scope import EnvironmentKind
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text, resolve
from cockpit.report.conversation import conversation
from cockpit.report.record_words import entry_json, entry_line
from cockpit.report.state_lines import state_lines, step_lines
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


def harmless(line):
    """Tell whether a line can be printed on any terminal without doing anything but appear."""
    hidden = [c for c in line if unicodedata.category(c) == "Cf" and c != "\u00ad"]
    dangerous = [c for c in hidden if unicodedata.bidirectional(c) in ("RLE", "LRE", "RLO", "LRO", "RLI", "LRI", "PDF")]
    return not dangerous and not any(unicodedata.category(c) in FORBIDDEN for c in line)


def opened(text):
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


def records_of(text):
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


def entries_of(text):
    entries, prev = [], FIRST
    for seq, record in enumerate(records_of(text)):
        entries.append(
            next_entry(record, seq=seq, at=START + timedelta(seconds=seq), driver=f"{text}@here/1", prev=prev)
        )
        prev = entries[-1].hash
    return entries


@given(STORED)
@settings(max_examples=60, deadline=None)
def test_journal_words_and_standing_are_harmless(text):
    """A table's item or an alarm's name would repaint the operator's screen, or forge a line of the journal."""
    state = None
    for entry in entries_of(text):
        state = fold(state, entry)
        assert harmless(entry_line(entry)), entry.record.kind
        assert "\n" not in entry_line(entry)
        assert all(harmless(line) for line in (*state_lines(state), *step_lines(state))), entry.record.kind
        assert all(harmless(line) for line in entry_json(entry).split("\n")), entry.record.kind


def prompts_of(text):
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


@given(STORED, st.lists(TEXT, max_size=3))
@settings(max_examples=60, deadline=None)
def test_prompts_in_plain_lines_are_harmless_whatever_is_typed(text, typed):
    """A value would hide what is confirmed, or an answer be echoed as an escape sequence."""
    state = fold_all(entries_of(text)[:8])
    for prompt in prompts_of(text):
        talk = conversation(prompt, "scale", 1, state)
        try:
            question = next(talk)
            for line in (*typed, "", "x"):
                shown = (*question.lines, question.question)
                assert all(harmless(piece) for each in shown for piece in each.split("\n")), (prompt.kind, shown)
                question = talk.send(line)
        except StopIteration:
            continue


@given(TEXT)
@settings(max_examples=150, deadline=None)
def test_values_are_never_read_as_expressions(text):
    """An item's content would be evaluated, or see other values of the run."""
    context = {"inputs": {"x": text, "list": [text], text: "hit"}, "scope": {"account": "SECRET"}}
    assert evaluate("inputs.x", context) == text
    try:
        assert resolve("{{ inputs.x }}", context) == text
        assert resolve({"a": ["<{{ inputs.x }}>"]}, context) == {"a": [f"<{text}>"]}
        assert fill_text("<{{ inputs.x }}>", context).text == f"<{text}>"
    except ExpressionError:
        assert not text.strip(), "only an empty value is no value"
    assert "SECRET" not in str(evaluate("inputs", context))


@given(TEXT, TEXT)
@settings(max_examples=150, deadline=None)
def test_shown_command_is_one_command_with_the_values_as_they_are(name, other):
    """The command that is shown, once copied into a shell, would run something else, or take a value for an option."""
    assume("\x00" not in name + other)
    params = {"cluster": name, "service": other, "desiredCount": 0}
    words = shlex.split(command_line("ecs", "UpdateService", "us-east-1", params))
    options = [word for word in words[3:] if word.startswith("-")]
    given = {option.partition("=")[0] for option in options}
    assert words[:3] == ["aws", "ecs", "update-service"]
    assert given == {"--cluster", "--service", "--desired-count", "--region"}
    assert len(options) == len(given)
    for option, value in (("--cluster", name), ("--service", other)):
        follows = words[words.index(option) + 1] if option in words else None
        assert (follows if follows is not None else words[3:]) == value or f"{option}={value}" in words


@pytest.mark.simulator
def test_status_of_hostile_alarms_is_harmless(idle_simulator, monkeypatch):
    """An alarm that somebody named would do things in the terminal of whoever asks for the status."""
    for name, value in {**idle_simulator.environ, "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    cloudwatch = boto3.client("cloudwatch")
    names = [f"guard {number} {text.encode('utf-8', 'ignore').decode()}" for number, text in enumerate(NASTY)]
    for name in names:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=name,
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName=name,
            Namespace="guard",
            Period=60,
            Threshold=1,
            Statistic="Sum",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason=name)
    try:
        done = CliRunner().invoke(main, ["status"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "guard" in done.output
        assert all(harmless(line) for line in done.output.split("\n")), repr(done.output)
    finally:
        cloudwatch.delete_alarms(AlarmNames=names)

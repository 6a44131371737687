"""Text from AWS, plans and operators can neither move the cursor, colour, hide, nor become code or options."""

import shlex

import boto3
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cockpit.aws.command_line import command_line
from cockpit.cli.main import main
from cockpit.engine.fold import fold, fold_all
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text, resolve
from cockpit.report.conversation import conversation
from cockpit.report.record_words import entry_json, entry_line
from cockpit.report.state_lines import state_lines, step_lines
from support.hostile import NASTY, STORED, TEXT, entries_of, harmless, prompts_of


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

"""Records in words."""

import json
from datetime import UTC, datetime
from typing import get_args

import pytest

from cockpit.engine import records as r
from cockpit.engine.prompts import NotifyPrompt
from cockpit.report.record_words import _words, clean_json, entry_json, entry_line, record_words

AT = datetime(2026, 1, 31, 3, 4, 5, tzinfo=UTC)
KINDS = get_args(get_args(r.Record)[0])
NASTY = "\x1b]0;owned\x07\x1b[31m[/x]\u202egnp\x00"


def entry(record: r.Record) -> r.Entry:
    return r.Entry(seq=7, at=AT, driver="ann@host/1", record=record, prev="0" * 64, hash="0" * 64)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_record_has_words_of_its_own(kind: type) -> None:
    """A new kind of record without words would show as raw JSON in the journal and the report."""
    assert _words.dispatch(kind) is not _words.dispatch(object)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (r.Intent(step="halt", attempt=1, call=0, service="ecs", operation="UpdateService", region="us-east-1",
                  params={"desiredCount": 0}), 'INTENT ecs UpdateService in us-east-1: {"desiredCount": 0}'),
        (r.Acked(step="halt", attempt=1, call=0, request_id="req-1"), "ACK call 0 of step halt, request id req-1"),
        (r.CallUnknown(step="halt", attempt=1, call=0, evidence=("reset",)),
         "UNKNOWN whether call 0 of step halt took effect - reset"),
        (r.LossMeasured(start=AT, end=AT, end_basis="proven", at_least=3, at_most=5, count_basis="per minute"),
         "data-loss window 2026-01-31 03:04:05Z to 2026-01-31 03:04:05Z, 0 s, 3 to 5 writes (proven; per minute)"),
        (r.PreflightChecked(id="x", title="Clock", ok=None, blocking=False, detail="no answer"),
         "preflight could not be checked (warning only): Clock - no answer"),
        (r.StepStarted(step="", attempt=1), "preflight started"),
        (r.StepStarted(step="halt", attempt=2, undo=True), "step halt is being taken back, attempt 2"),
        (r.RunEnded(result="aborted", reason="no", left_halted=("desired",)),
         "run ended: aborted - no; still halted: desired"),
    ],
)  # fmt: skip
def test_words_say_what_happened(record: r.Record, expected: str) -> None:
    """The journal is read by people at 03:00: what happened, on what, and what is known of it."""
    assert record_words(record) == expected


def test_a_line_has_number_time_and_words() -> None:
    """Without number and time two observers could not talk about the same record."""
    assert entry_line(entry(r.Paused())) == "   7  03:04:05Z  paused: no further step is taken"


@pytest.mark.parametrize(
    "record",
    [
        r.NoteTaken(text=NASTY),
        r.Observed(step="s", attempt=1, what=NASTY, text=NASTY),
        r.CallFailed(step="s", attempt=1, call=0, code=NASTY, message=NASTY),
        r.Intent(step="s", attempt=1, call=0, service="s", operation="O", region="r", params={NASTY: [NASTY]}),
        r.Prompted(step="s", attempt=1, prompt=NotifyPrompt(to=NASTY, text=NASTY)),
        r.StepEnded(step="s", attempt=1, outcome="done", captured={NASTY: {"a": NASTY}}),
    ],
)
def test_no_foreign_text_reaches_the_terminal_raw(record: r.Record) -> None:
    """An item's content must not be able to repaint the journal."""
    for shown in (entry_line(entry(record)), entry_json(entry(record))):
        assert not set(shown.replace("\n", "")) & set("\x1b\x07\x00\u202e")


def test_the_full_record_is_json_and_keeps_its_lines() -> None:
    """What `y` copies must be readable by a program."""
    record = r.StatusPosted(step="s", phase="p", basis="draft", text="one\ntwo", edited=False, posted=True)
    assert json.loads(entry_json(entry(record)))["record"]["text"] == "one\ntwo"


def test_a_huge_record_stays_one_short_line() -> None:
    """A line of 10,000 characters would freeze a table."""
    assert len(record_words(r.NoteTaken(text="x" * 10_000))) <= 1000


def test_numbers_and_nulls_survive_cleaning() -> None:
    """Cleaning must not turn values into texts."""
    assert clean_json({"a": [1, 2.5, None, True, "t"]}) == {"a": [1, 2.5, None, True, "t"]}

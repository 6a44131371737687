"""What is printed of each record while a run goes on in plain lines. Pure."""

from cockpit.engine.records import Entry, RunEnded, StepStarted
from cockpit.engine.state import RunState
from cockpit.model.text import clean
from cockpit.report.branch_words import named
from cockpit.report.outline_lines import step_heading
from cockpit.report.plain import prose
from cockpit.report.record_words import entry_line

# What prompts show, and what whoever answers them has typed, is not printed a second time.
_SILENT = ("prompted", "answered", "step_started", "run_opened", "input_set")


def run_lines(entry: Entry, state: RunState) -> list[str]:
    """Return the lines of one record: headings where steps begin, nothing for what is printed elsewhere."""
    record = entry.record
    if isinstance(record, StepStarted) and record.step and not record.undo:
        return ["", *step_heading(state.plan, state.plan.step(record.step))]
    if isinstance(record, StepStarted) and record.undo:
        words = f"Taking back: {clean(state.plan.step(record.step).title)} [{record.step}]"
        return prose(f"== {named(state.plan, record.step, words)}")
    lines = [] if record.kind in _SILENT else [entry_line(entry, state.plan)]
    if isinstance(record, RunEnded) and record.left_halted:
        lines += ["STILL HALTED, nobody has put back:", *(f"  {clean(what)}" for what in record.left_halted)]
    return lines

"""Glyphs, words and styles of states. The glyph and the word say it all; the style only repeats it."""

from rich.style import Style

from cockpit.model.alarm import AlarmState
from cockpit.model.deployment import DeploymentState
from cockpit.ui.theme import BAD, DIM, GOOD, NOTE, WARN

ALARM_MARKS: dict[AlarmState, tuple[str, str, Style]] = {
    AlarmState.ALARM: ("▲", "ALARM", BAD),
    AlarmState.UNKNOWN: ("?", "UNKNOWN", WARN),
    AlarmState.INSUFFICIENT_DATA: ("○", "NO DATA", DIM),
    AlarmState.OK: ("·", "ok", GOOD),
}

DEPLOYMENT_MARKS: dict[DeploymentState, tuple[str, Style]] = {
    DeploymentState.CREATED: ("▷", NOTE),
    DeploymentState.QUEUED: ("▷", NOTE),
    DeploymentState.IN_PROGRESS: ("▶", WARN),
    DeploymentState.BAKING: ("▶", WARN),
    DeploymentState.READY: ("▶", WARN),
    DeploymentState.SUCCEEDED: ("✓", GOOD),
    DeploymentState.FAILED: ("✗", BAD),
    DeploymentState.STOPPED: ("■", BAD),
    DeploymentState.UNKNOWN: ("?", WARN),
}

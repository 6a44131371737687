"""What the tests of a run's screens share."""

import pytest


@pytest.fixture
def all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the deaf half second away: it has its own test."""
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)

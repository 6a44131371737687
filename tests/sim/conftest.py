"""Fixtures of the simulator's own tests."""

import pytest
from stage import Stage, StrictResult

from cockpit.sim import operations


@pytest.fixture
def stage(monkeypatch):
    """A simulated AWS in this process, under a clock moved by hand."""
    monkeypatch.setattr(operations, "ActionResult", StrictResult)
    return Stage()

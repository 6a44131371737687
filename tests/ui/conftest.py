"""A cockpit without AWS: fixtures over a hub that is told what to say."""

from pathlib import Path

import pytest

from cockpit.config.schema import Environment
from cockpit.feeds.snapshot import Snapshot, empty_snapshot
from cockpit.model.scope import EnvironmentKind
from cockpit.ui.session import CockpitSession
from support.fake_hub import REGION, StandingClock, TalkingHub, make_snapshot


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def hub() -> TalkingHub:
    return TalkingHub(make_snapshot())


@pytest.fixture
def session(clock: StandingClock, hub: TalkingHub, tmp_path: Path) -> CockpitSession:
    """An environment named prod with two firing alarms, one running deployment and one running restore."""
    environment = Environment(kind=EnvironmentKind.PRODUCTION, account="123456789012", regions=(REGION,))
    return CockpitSession("prod", EnvironmentKind.PRODUCTION, clock, tmp_path, environment=environment, hub=hub)  # type: ignore[arg-type] # speaks like a FeedHub


@pytest.fixture
def quiet_snapshot() -> Snapshot:
    return empty_snapshot((REGION,))

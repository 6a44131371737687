"""Who the caller is, when the first region does not tell."""

import asyncio

import pytest

from cockpit.aws.port import Identity, ReadFailed
from cockpit.config.ordinary import OrdinaryPlace
from cockpit.feeds import sweeps
from cockpit.feeds.sweeps import read_identity
from cockpit.model.reading import FaultKind
from support.feed_port import fault

PLACE = OrdinaryPlace(regions=("us-east-1", "us-west-2"))


class Port:
    """Regions that answer with a name, refuse, or keep silent."""

    def __init__(self, **regions):
        self.regions = regions
        self.asked = []

    async def identity(self, region):
        self.asked.append(region)
        told = self.regions[region.replace("-", "_")]
        if told == "silent":
            await asyncio.sleep(3600)
        if isinstance(told, Exception):
            raise told
        return Identity("123456789012", told)


async def test_a_silent_region_is_not_waited_for(monkeypatch):
    """In a regional outage nobody could arm the cockpit until the dead region's time-outs had passed."""
    monkeypatch.setattr(sweeps, "_NEXT_REGION_AFTER", 0.01)
    assert (await read_identity(Port(us_east_1="silent", us_west_2="me"), PLACE)).arn == "me"


async def test_the_first_region_that_answers_is_enough():
    """Every look would ask every region."""
    port = Port(us_east_1="me", us_west_2="also me")
    assert (await read_identity(port, PLACE)).arn == "me"
    assert port.asked == ["us-east-1"]


async def test_if_none_answers_the_first_says_why():
    """The operator would be told of a region that matters less."""
    first, second = (ReadFailed(fault(kind)) for kind in (FaultKind.CREDENTIALS, FaultKind.SERVICE))
    with pytest.raises(ReadFailed) as failure:
        await read_identity(Port(us_east_1=first, us_west_2=second), PLACE)
    assert failure.value is first

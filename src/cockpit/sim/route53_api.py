"""Route 53 with changes that take time to reach the name servers, and a look at what those answer. Zones are moto's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.route53 import urls
from moto.route53.models import RecordSet, route53_backends
from moto.route53.responses import Route53

from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Request, add_operations, wrap
from cockpit.sim.simulation import ACCOUNT, Simulation
from cockpit.sim.world import World

PROPAGATES = timedelta(seconds=45)
_TEST_PATH = r"{0}/(?P<api_version>[\d_-]+)/testdnsanswer$"
_NAME_SERVER = "ns-2048.awsdns-64.com"


def install(simulation: Simulation) -> None:
    """Let changes be PENDING for a while, and the name servers be asked."""
    names = NameServers(simulation.world)
    urls.url_paths[_TEST_PATH] = Route53.dispatch
    add_operations(Route53, {"GetChange": names.get_change, "TestDNSAnswer": names.test})

    def change(original: Any, self: Route53) -> ActionResult:
        return names.change(original, self)

    wrap(Route53, "change_resource_record_sets", change)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of records. `before` is what the name servers answered: (zone, name, type) to values."""

    at: datetime
    before: dict[tuple[str, str, str], list[str]]

    def is_pending(self, now: datetime) -> bool:
        return now < self.at + PROPAGATES


class NameServers:
    """What the name servers answer: the zone's records, but for changes that have not reached them yet."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changes: dict[str, _Change] = {}

    def change(self, original: Any, response: Route53) -> ActionResult:
        """Carry a change out, and remember since when, and what was there before."""
        zone = str(response._get_param("HostedZoneId")).rpartition("/")[2]  # noqa: SLF001 - as moto itself asks
        batch = response._get_param("ChangeBatch.Changes")  # noqa: SLF001
        named = [(zone, each["ResourceRecordSet"]["Name"], each["ResourceRecordSet"]["Type"]) for each in batch]
        before = {_key(*name): self._answer(*name) for name in named}
        original(response)
        now = self._world.now()
        number = f"C{self._world.random(f'route53/{len(self._changes)}').getrandbits(64):016X}"
        self._changes[number] = _Change(now, before)
        return ActionResult({"ChangeInfo": self._info(number)})

    def get_change(self, request: Request) -> dict[str, Any]:
        """Tell whether a change has reached all name servers."""
        number = str(request.params["Id"]).rpartition("/")[2]
        if number not in self._changes:
            raise AwsError("NoSuchChange", f"A change with the specified change ID does not exist: {number}")
        return {"ChangeInfo": self._info(number)}

    def test(self, request: Request) -> dict[str, Any]:
        """Answer as a name server would; of an alias the name it stands for, for want of addresses."""
        params = request.params
        zone = str(params["HostedZoneId"]).rpartition("/")[2]
        found = self._answer(zone, params["RecordName"], params["RecordType"])
        return {
            "Nameserver": _NAME_SERVER,
            "RecordName": params["RecordName"],
            "RecordType": params["RecordType"],
            "RecordData": found,
            "ResponseCode": "NOERROR" if found else "NXDOMAIN",
            "Protocol": "UDP",
        }

    def _info(self, number: str) -> dict[str, Any]:
        change = self._changes[number]
        status = "PENDING" if change.is_pending(self._world.now()) else "INSYNC"
        return {"Id": f"/change/{number}", "Status": status, "SubmittedAt": change.at}

    def _answer(self, zone: str, name: str, kind: str) -> list[str]:
        now, key = self._world.now(), _key(zone, name, kind)
        for change in self._changes.values():  # the oldest that is pending says what they still answer
            if change.is_pending(now) and key in change.before:
                return change.before[key]
        return list(_values(zone, name, kind))


def _key(zone: str, name: str, kind: str) -> tuple[str, str, str]:
    return zone, name.rstrip(".").lower(), kind


def _values(zone: str, name: str, kind: str) -> Iterator[str]:
    backend = route53_backends[ACCOUNT]["aws"]
    records: list[RecordSet] = backend.zones[zone].rrsets if zone in backend.zones else []
    for record in records:
        if _key(zone, record.name, str(record.type)) != _key(zone, name, kind):
            continue
        if record.alias_target:
            yield str(record.alias_target["DNSName"])
        yield from (str(value.get("Value", value) if isinstance(value, dict) else value) for value in record.records)

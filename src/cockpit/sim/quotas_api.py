"""Service quotas that a rebuilt SyncWell needs, in every region the same until somebody has one raised."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.servicequotas.responses import ServiceQuotasResponse

from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Request, add_operations
from cockpit.sim.simulation import ACCOUNT, Simulation

RAISED_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Quota:
    service: str
    code: str
    name: str
    value: float


_QUOTAS = (
    _Quota("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6.0),
    _Quota("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50.0),
    _Quota("dynamodb", "L-F98FE922", "Maximum number of tables", 2500.0),
)


def install(simulation: Simulation) -> None:
    """Answer for these quotas in place of moto, which knows those of VPC only."""
    quotas = Quotas(simulation)
    add_operations(
        ServiceQuotasResponse, {"GetServiceQuota": quotas.get, "RequestServiceQuotaIncrease": quotas.ask_for_more}
    )


class Quotas:
    """The quotas, and those that were raised."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.world
        self._raised: dict[tuple[str, str], float] = {}

    def get(self, request: Request) -> dict[str, Any]:
        """Return a quota as it is applied now."""
        quota = _find(request)
        return {"Quota": {**_names(request.region, quota), "Value": self._value(request.region, quota)}}

    def ask_for_more(self, request: Request) -> dict[str, Any]:
        """Grant a request, half an hour later."""
        quota, wanted, now = _find(request), float(request.params["DesiredValue"]), self._world.now()
        if wanted <= self._value(request.region, quota):
            raise AwsError("IllegalArgumentException", "You must provide a quota value greater than the current value.")

        def grant() -> None:
            self._raised[request.region, quota.code] = wanted

        self._world.at(now + RAISED_AFTER, grant)
        asked = {"Id": f"{quota.code}-{now:%Y%m%d%H%M%S}", "DesiredValue": wanted, "Status": "PENDING", "Created": now}
        shown = {name: value for name, value in _names(request.region, quota).items() if name != "Adjustable"}
        return {"RequestedQuota": {**asked, **shown}}

    def _value(self, region: str, quota: _Quota) -> float:
        return self._raised.get((region, quota.code), quota.value)


def _find(request: Request) -> _Quota:
    wanted = (request.params["ServiceCode"], request.params["QuotaCode"])
    for quota in _QUOTAS:
        if (quota.service, quota.code) == wanted:
            return quota
    raise AwsError("NoSuchResourceException", "The request failed because the specified service or quota is unknown.")


def _names(region: str, quota: _Quota) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "QuotaArn": f"arn:aws:servicequotas:{region}:{ACCOUNT}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Adjustable": True,
        "GlobalQuota": False,
        "Unit": "None",
    }

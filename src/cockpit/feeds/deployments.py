"""One sweep over the recent CodeDeploy deployments of a region."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.aws.parse import structures, texts
from cockpit.aws.parse_deployments import parse_deployment, parse_targets
from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.model.clock import Clock
from cockpit.model.deployment import Deployment, DeploymentTarget
from cockpit.model.reading import FaultKind

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.feeds.place import Watched

BATCH = 25  # the most that BatchGetDeployments and BatchGetDeploymentTargets take at once
SETTLED = timedelta(minutes=15)  # a deployment that ended so long ago gets no rollback link any more
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DeploymentSweep:
    """Reads the deployments of the last day, newest first, running ones with their targets."""

    def __init__(self, port: AwsPort, region: str, watch: Watched, clock: Clock) -> None:
        self._port = port
        self._region = region
        self._watch = watch
        self._clock = clock
        self._settled: dict[str, Deployment] = {}

    async def sweep(self) -> tuple[Deployment, ...]:
        """Read the list, and the details of what is new or may still change.

        Raises:
            ReadFailed: the list or the details could not be read.
        """
        now = self._clock.now()
        window: dict[str, JsonValue] = {
            "createTimeRange": {"start": (now - self._watch.deployments_since).isoformat(timespec="seconds")}
        }
        listed = await self._port.read("codedeploy", "ListDeployments", self._region, window, pages=True)
        ids = texts(listed.body, "deployments")
        open_ids = [deployment_id for deployment_id in ids if deployment_id not in self._settled]
        batches = [open_ids[start : start + BATCH] for start in range(0, len(open_ids), BATCH)]
        fetched = [item for batch in await asyncio.gather(*map(self._details, batches)) for item in batch]
        self._settled = {key: value for key, value in self._settled.items() if key in ids}
        self._settled |= {item.deployment_id: item for item in fetched if _is_settled(item, now)}
        wanted = [item for item in (*self._settled.values(), *fetched) if self._wanted(item)]
        unique = {item.deployment_id: item for item in wanted}.values()
        complete = await asyncio.gather(*map(self._with_targets, unique))
        return tuple(
            sorted(complete, key=lambda item: (item.created_at or _LONG_AGO, item.deployment_id), reverse=True)
        )

    def _wanted(self, deployment: Deployment) -> bool:
        return not self._watch.applications or deployment.application in self._watch.applications

    async def _details(self, ids: list[str]) -> list[Deployment]:
        params: dict[str, JsonValue] = {"deploymentIds": list(ids)}
        answer = await self._port.read("codedeploy", "BatchGetDeployments", self._region, params)
        return [parse_deployment(info, self._region) for info in structures(answer.body, "deploymentsInfo")]

    async def _with_targets(self, deployment: Deployment) -> Deployment:
        if not deployment.state.is_running:
            return deployment
        try:
            return replace(deployment, targets=await read_targets(self._port, deployment))
        except ReadFailed as failure:
            if failure.fault.kind in (FaultKind.REJECTED, FaultKind.NOT_FOUND):
                return deployment  # just created: CodeDeploy has no targets for it yet
            raise


async def read_targets(port: AwsPort, deployment: Deployment) -> tuple[DeploymentTarget, ...]:
    """Read the targets of a deployment: lifecycle events and traffic. At most the first 25.

    Raises:
        ReadFailed: they could not be read.
    """
    params: dict[str, JsonValue] = {"deploymentId": deployment.deployment_id}
    listed = await port.read("codedeploy", "ListDeploymentTargets", deployment.region, params)
    ids: list[JsonValue] = [*texts(listed.body, "targetIds")[:BATCH]]
    if not ids:
        return ()
    answer = await port.read("codedeploy", "BatchGetDeploymentTargets", deployment.region, {**params, "targetIds": ids})
    return parse_targets(answer.body)


def _is_settled(deployment: Deployment, now: datetime) -> bool:
    ended = deployment.completed_at
    return not deployment.state.is_running and ended is not None and now - ended > SETTLED

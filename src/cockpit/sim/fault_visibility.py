"""Eventual consistency: what was made is there, but reads do not show it yet.

For what recovery plans make and then look for: restored tables, deployments of CodeDeploy and AppConfig, and versions
of hosted configurations.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cockpit.sim.calls import Call
from cockpit.sim.fault_answers import rewritten
from cockpit.sim.refusals import Answer, refusal

_DEPLOYMENTS = re.compile(r"^/applications/([^/]+)/environments/([^/]+)/deployments(?:/(\d+))?$")
_VERSIONS = re.compile(
    r"^/applications/([^/]+)/configurationprofiles/([^/]+)/hostedconfigurationversions(?:/(\d+))?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that was made: its service, region, and name within both (with its parents, where names need them)."""

    service: str
    region: str
    name: tuple[str, ...]


class Veil:
    """What may not be seen yet. Used under the world's lock."""

    def __init__(self) -> None:
        self._until: dict[_Thing, datetime] = {}

    def hide(self, call: Call, environ: dict[str, Any], answer: Answer, until: datetime) -> None:
        """Hide what a call has made; a call that failed, or that makes nothing of a known kind, hides nothing."""
        name = _made(call, environ, answer)
        if name:
            self._until[_Thing(call.service, call.region, name)] = until

    def seen_through(self, call: Call, environ: dict[str, Any], body: bytes, answer: Answer, now: datetime) -> Answer:
        """Return the answer as it looks to somebody who does not see what is hidden."""
        self._until = {thing: until for thing, until in self._until.items() if until > now}
        look = _LOOKS.get(call.service)
        if look is None or not self._until or call.operation in _MAKES:
            return answer

        def is_hidden(*name: object) -> bool:
            return _Thing(call.service, call.region, tuple(str(part) for part in name)) in self._until

        return look(is_hidden, environ, body, answer)


def _made(call: Call, environ: dict[str, Any], answer: Answer) -> tuple[str, ...]:
    makes, (status, headers, content) = _MAKES.get(call.operation), answer
    if makes is None or not status.startswith("2"):
        return ()
    path: str = environ.get("PATH_INFO", "")
    if makes == "table":
        return (str(json.loads(content)["TableDescription"]["TableName"]),)
    if makes == "codedeploy":
        return (str(json.loads(content)["deploymentId"]),)
    if makes == "deployment" and (found := _DEPLOYMENTS.match(path)):
        return (found[1], found[2], str(json.loads(content)["DeploymentNumber"]))
    if makes == "version" and (found := _VERSIONS.match(path)):
        number = next(value for name, value in headers if name.lower() == "version-number")
        return (found[1], found[2], number)
    return ()


_IsHidden = Callable[..., bool]


def _look_at_tables(is_hidden: _IsHidden, environ: dict[str, Any], body: bytes, answer: Answer) -> Answer:
    asked = json.loads(body or b"{}")
    name = str(asked.get("TableName") or asked.get("ResourceArn") or "").rpartition("/")[2]
    if name and is_hidden(name):
        words = f"Requested resource not found: Table: {name} not found"
        return refusal(environ, "400 Bad Request", "ResourceNotFoundException", words)
    return _without(answer, "TableNames", is_hidden)


def _look_at_codedeploy(is_hidden: _IsHidden, environ: dict[str, Any], body: bytes, answer: Answer) -> Answer:
    name = str(json.loads(body or b"{}").get("deploymentId") or "")
    if name and is_hidden(name):
        words = f"The deployment {name} could not be found"
        return refusal(environ, "400 Bad Request", "DeploymentDoesNotExistException", words)
    shown = _without(answer, "deployments", is_hidden)
    return _without(shown, "deploymentsInfo", lambda each: is_hidden(each["deploymentId"]))


def _look_at_appconfig(is_hidden: _IsHidden, environ: dict[str, Any], body: bytes, answer: Answer) -> Answer:
    del body
    for pattern, number in ((_DEPLOYMENTS, "DeploymentNumber"), (_VERSIONS, "VersionNumber")):
        found = pattern.match(environ.get("PATH_INFO", ""))
        if found is None:
            continue
        if found[3] and is_hidden(*found.groups()):
            return refusal(environ, "404 Not Found", "ResourceNotFoundException", "Resource not found")
        parents = found[1], found[2]
        return _without(answer, "Items", lambda each: is_hidden(*parents, each[number]))  # noqa: B023 - used at once
    return answer


def _without(answer: Answer, member: str, is_hidden: Callable[[Any], bool]) -> Answer:
    """Leave the hidden entries out of a list in an answer."""
    status, _, content = answer
    if not status.startswith("2") or f'"{member}"'.encode() not in content:
        return answer
    told = json.loads(content)
    told[member] = [each for each in told.get(member) or () if not is_hidden(each)]
    return rewritten(answer, json.dumps(told).encode())


_MAKES = {
    "RestoreTableToPointInTime": "table",
    "CreateTable": "table",
    "CreateDeployment": "codedeploy",
    "StartDeployment": "deployment",
    "CreateHostedConfigurationVersion": "version",
}
_LOOKS = {"dynamodb": _look_at_tables, "codedeploy": _look_at_codedeploy, "appconfig": _look_at_appconfig}

"""A connection whose answers are written in the test."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cockpit.aws.port import AwsAnswer, Identity, ReadFailed
from cockpit.model.reading import Fault, FaultKind

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
Script = dict[str, Any]


class StillClock:
    """A clock that stands where the test puts it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("feeds wait in real seconds")


class ScriptedPort:
    """Answers each operation with what the script holds: a body, a fault, or a function of the parameters."""

    def __init__(self, script: Script | None = None) -> None:
        self.script: Script = {
            "DescribeAlarms": {},
            "ListDeployments": {"deployments": []},
            "ListTables": {"TableNames": []},
            "GetCallerIdentity": {},
        } | (script or {})
        self.calls: Counter[str] = Counter()
        self.params: list[tuple[str, dict[str, Any]]] = []
        self.closed = False

    async def read(self, service, operation, region, params, *, pages=False):
        self.calls[operation] += 1
        self.params.append((operation, params))
        answer = self.script[operation]
        if isinstance(answer, Callable):
            answer = answer(params)
        if isinstance(answer, dict) and set(answer) & {"us-east-1", "eu-west-1"}:
            answer = answer[region]
        if isinstance(answer, Fault):
            raise ReadFailed(answer)
        return AwsAnswer(answer)

    async def identity(self, region):
        await self.read("sts", "GetCallerIdentity", region, {})
        return Identity("123456789012", "arn:aws:iam::123456789012:user/oncall")

    async def close(self):
        self.closed = True


def fault(kind: FaultKind = FaultKind.UNREACHABLE) -> Fault:
    """Return a fault of that kind."""
    return Fault(kind, f"no answer ({kind})", "try again", "Code")

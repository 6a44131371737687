"""Lambda's things: functions, their published versions, and the aliases that share traffic between two of them."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

LATEST = "$LATEST"
BUSY_AFTER_CHANGE = timedelta(seconds=4)  # in which code and configuration cannot be changed again

_NAME = re.compile(
    r"(?:arn:aws:lambda:[a-z0-9-]+:\d{12}:function:|\d{12}:function:|function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)


@dataclass(eq=False)
class Version:
    """A version: code and settings, which never change once it is published. `number` may be ``$LATEST``."""

    number: str
    settings: dict[str, Any]
    code_sha256: str
    code_size: int
    modified_at: datetime
    revision_id: str
    description: str = ""


@dataclass(eq=False)
class Alias:
    """A name for a version, and what share of its calls another version gets.

    Attributes:
        weights: version → share, 0 to 1, of at most one further version.
    """

    name: str
    version: str
    weights: dict[str, float]
    description: str
    revision_id: str

    def uses(self, version: str) -> bool:
        """Tell whether the alias sends calls to a version."""
        return version == self.version or version in self.weights

    def pick(self, chance: random.Random) -> str:
        """Return the version that the next call goes to."""
        place = chance.random()
        for version, share in self.weights.items():
            if place < share:
                return version
        return self.version


@dataclass(eq=False)
class Function:
    """One function.

    Attributes:
        policies: statements of its resource-based policies, by qualifier; empty stands for the function itself.
    """

    region: str
    name: str
    latest: Version
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    numbers_used: int = 0

    def arn(self, qualifier: str = "") -> str:
        """Return the ARN of the function, or of one of its versions or aliases."""
        tail = f":{qualifier}" if qualifier else ""
        return f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{self.name}{tail}"

    def version(self, qualifier: str) -> Version:
        """Return the version that a version number, an alias or nothing (``$LATEST``) stands for.

        Raises:
            AwsError: there is none (ResourceNotFoundException).
        """
        alias = self.aliases.get(qualifier)
        number = alias.version if alias else qualifier
        found = self.latest if number in ("", LATEST) else self.versions.get(number)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Function not found: {self.arn(number)}", Type="User")
        return found

    def alias(self, name: str) -> Alias:
        """Return an alias.

        Raises:
            AwsError: there is none (ResourceNotFoundException).
        """
        found = self.aliases.get(name)
        if found is None:
            message = f"Cannot find alias arn: {self.arn(name)}"
            raise AwsError("ResourceNotFoundException", message, Type="User")
        return found


class LambdaModel:
    """Every function of the world, by region and name.

    Attributes:
        callers: (region, function, alias) → one call, answered with an HTTP status and JSON; set by the load.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.callers: dict[tuple[str, str, str], Callable[[], tuple[int, JsonValue]]] = {}
        self.functions: dict[tuple[str, str], Function] = {}
        self._chance = world.random("lambda")

    def new_revision_id(self) -> str:
        """Return an id that changes with every change of a version or an alias."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def find(self, region: str, name: str) -> Function | None:
        """Return a function by its short name; None if there is none."""
        return self.functions.get((region, name))

    def get(self, region: str, given: str) -> tuple[Function, str]:
        """Return the function that a name or ARN means, and the qualifier in it (empty if it has none).

        Raises:
            AwsError: there is none (ResourceNotFoundException), or it is no name.
        """
        match = _NAME.fullmatch(given)
        if match is None:
            message = f"1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint"
            raise AwsError("ValidationException", message)
        found = self.find(region, match["name"])
        if found is None:
            arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{match['name']}"
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", Type="User")
        return found, match["qualifier"] or ""

    def is_busy(self, version: Version) -> bool:
        """Tell whether the last change of an unpublished version is still being carried out."""
        return version.number == LATEST and self.world.now() - version.modified_at < BUSY_AFTER_CHANGE

    def publish(self, function: Function, description: str) -> Version:
        """Publish what ``$LATEST`` is now; the last version again if nothing has changed since.

        Raises:
            AwsError: the last change is still being carried out (ResourceConflictException).
        """
        self.refuse_while_busy(function)
        latest = function.latest
        newest = max(function.versions.values(), key=lambda each: int(each.number), default=None)
        if newest and (newest.code_sha256, newest.settings) == (latest.code_sha256, latest.settings):
            return newest
        function.numbers_used += 1
        published = Version(
            str(function.numbers_used),
            dict(latest.settings),
            latest.code_sha256,
            latest.code_size,
            self.world.now(),
            self.new_revision_id(),
            description or latest.description,
        )
        function.versions[published.number] = published
        return published

    def refuse_while_busy(self, function: Function) -> None:
        """Refuse a change while the one before is carried out.

        Raises:
            AwsError: it is (ResourceConflictException).
        """
        if self.is_busy(function.latest):
            message = (
                "The operation cannot be performed at this time. An update is in progress for resource: "
                f"{function.arn()}"
            )
            raise AwsError("ResourceConflictException", message, Type="User")

    def point(self, function: Function, alias: Alias, version: str, weights: dict[str, float]) -> None:
        """Let an alias stand for a version, with a share for another.

        Raises:
            AwsError: a version is missing, or the shares make no sense.
        """
        check_routing(function, version, weights)
        alias.version, alias.weights, alias.revision_id = version, weights, self.new_revision_id()


def compare_revision(wanted: str | None, actual: str) -> None:
    """Let a change pass only if nobody has changed the same in between; without a wanted revision it always may.

    Raises:
        AwsError: somebody has (PreconditionFailedException).
    """
    if wanted not in (None, actual):
        message = (
            "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to "
            "retrieve the latest RevisionId"
        )
        raise AwsError("PreconditionFailedException", message, Type="User")


def check_routing(function: Function, version: str, weights: dict[str, float]) -> None:
    """Check what an alias is to stand for.

    Raises:
        AwsError: a version does not exist (ResourceNotFoundException); more than one further version, a share outside 0
            to 1, ``$LATEST`` together with shares, or the same version twice (InvalidParameterValueException).
    """
    for each in (version, *weights):
        function.version(each)
    wrong = (
        len(weights) > 1
        or version in weights
        or (weights and LATEST in (version, *weights))
        or any(not 0 <= share <= 1 for share in weights.values())
    )
    if wrong:
        message = f"The routing configuration {weights} is not valid for an alias of version {version}."
        raise AwsError("InvalidParameterValueException", message, Type="User")


def in_use(function: Function, numbers: Iterable[str]) -> list[str]:
    """Return the aliases that send calls to one of these versions."""
    wanted = set(numbers)
    return [alias.name for alias in function.aliases.values() if any(alias.uses(number) for number in wanted)]

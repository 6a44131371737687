"""CloudFormation's things: stacks with their resources, events, change sets, and the last state that was whole."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cockpit.sim.cloudformation_kinds import Physical
from cockpit.sim.cloudformation_template import Declared, Template
from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

STACK = "AWS::CloudFormation::Stack"
STABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack.

    Attributes:
        declared: as the template that made it so declares it; its parameters are filled in, other references are not.
        properties: with every reference filled in, as it was made or last changed.
        physical: None if there is nothing behind it.
    """

    declared: Declared
    properties: dict[str, Any]
    physical: Physical | None
    status: str
    reason: str
    at: datetime

    @property
    def logical_id(self) -> str:
        """Return its name in the template."""
        return self.declared.logical_id


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a stack's history. `token` is that of the call that set it off."""

    logical_id: str
    physical_id: str
    kind: str
    status: str
    reason: str
    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A state in which a stack was whole: what it is rolled back to."""

    template: Template
    parameters: dict[str, str]
    resources: dict[str, Resource]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a change set.

    Attributes:
        action: Add, Modify or Remove.
        replacement: True, False, Conditional; empty unless it is a Modify.
        details: (property, source of the change, evaluation, whether it recreates).
    """

    action: str
    resource: Declared
    physical_id: str
    replacement: str = ""
    details: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(eq=False)
class ChangeSet:
    """A change set. `kind` is CREATE or UPDATE."""

    name: str
    arn: str
    kind: str
    template: Template
    parameters: dict[str, str]
    capabilities: list[str]
    description: str
    created_at: datetime
    changes: list[Change]
    token: str = ""
    status: str = "CREATE_PENDING"
    reason: str = ""
    execution: str = "UNAVAILABLE"


@dataclass(eq=False)
class Stack:
    """A stack.

    Attributes:
        whole: the last known stable state; None if there never was one.
        leftovers: resources that have been replaced, or are no longer wanted, and wait to be deleted.
        token: client request token of what is going on.
        tokens: what each was used for.
        end_story: ends what is going on.
    """

    name: str
    stack_id: str
    region: str
    created_at: datetime
    template: Template
    parameters: dict[str, str]
    capabilities: list[str]
    disable_rollback: bool = False
    termination_protection: bool = False
    tags: list[dict[str, str]] = field(default_factory=list)
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    token: str = ""
    whole: Whole | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    leftovers: list[Resource] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    end_story: Callable[[], None] = field(default=lambda: None)

    @property
    def is_deleted(self) -> bool:
        """Tell whether it can be found by its id only."""
        return self.status == "DELETE_COMPLETE"

    def set_status(self, status: str, at: datetime, reason: str = "") -> None:
        """Change the stack's status; a stable one is remembered with everything that makes the stack whole.

        Cleaning up is no event: the API's model of events does not know it.
        """
        self.status, self.reason = status, reason
        if not status.endswith("_CLEANUP_IN_PROGRESS"):
            self.events.append(Event(self.name, self.stack_id, STACK, status, reason, at, self.token))
        if status in STABLE:
            self.whole = Whole(self.template, dict(self.parameters), dict(self.resources))

    def set_resource(self, resource: Resource) -> None:
        """Put a resource in place and add its status to the history."""
        self.resources[resource.logical_id] = resource
        self.tell(resource, resource.status, resource.reason, resource.at)

    def mark(self, logical_id: str, status: str, at: datetime, reason: str = "") -> None:
        """Change a resource's status alone."""
        self.set_resource(replace(self.resources[logical_id], status=status, reason=reason, at=at))

    def tell(self, resource: Resource, status: str, reason: str, at: datetime) -> None:
        """Add a line about a resource to the history."""
        physical_id, kind = resource.physical.ref if resource.physical else "", resource.declared.kind
        self.events.append(Event(resource.logical_id, physical_id, kind, status, reason, at, self.token))


class StackNames:
    """What references stand for in a stack (see `cloudformation_template.Names`)."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def ref(self, name: str) -> Any:
        """Return a parameter's value, a resource's physical id, or a pseudo parameter."""
        stack = self._stack
        pseudo = {
            "AWS::Region": stack.region,
            "AWS::AccountId": ACCOUNT,
            "AWS::StackName": stack.name,
            "AWS::StackId": stack.stack_id,
            "AWS::Partition": "aws",
        }
        if name in pseudo:
            return pseudo[name]
        if name in stack.parameters:
            return stack.parameters[name]
        return self._physical(name).ref

    def attribute(self, name: str, attribute: str) -> Any:
        """Return an attribute of a resource."""
        return self._physical(name).attributes[attribute]

    def _physical(self, name: str) -> Physical:
        resource = self._stack.resources.get(name)
        if resource is None or resource.physical is None:
            raise KeyError(name)
        return resource.physical


class Stacks:
    """Every stack of the world, the deleted ones included."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.all: list[Stack] = []
        self._chance = world.random("cloudformation")

    def new_uuid(self) -> str:
        """Return the unique end of an ARN."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def add(self, region: str, name: str, template: Template, parameters: dict[str, str]) -> Stack:
        """Make a stack without resources."""
        arn = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{self.new_uuid()}"
        stack = Stack(name, arn, region, self.world.now(), template, parameters, [])
        self.all.append(stack)
        return stack

    def find(self, region: str, name_or_id: str) -> Stack | None:
        """Return a stack: by name one that is not deleted, by id any."""
        for stack in reversed(self.all):
            by_name = stack.name == name_or_id and not stack.is_deleted
            if stack.region == region and (by_name or stack.stack_id == name_or_id):
                return stack
        return None

    def stack(self, region: str, name_or_id: str) -> Stack:
        """Return a stack as `find` does.

        Raises:
            AwsError: there is none.
        """
        found = self.find(region, name_or_id)
        if found is None:
            raise invalid(f"Stack with id {name_or_id} does not exist")
        return found


def invalid(message: str) -> AwsError:
    """Return the error for a call that the state of things does not allow."""
    return AwsError("ValidationError", message)

"""What a stack does in time: it is created, updated, rolled back, deleted, resource by resource (AWS-FACTS 7)."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

from cockpit.sim.cloudformation_changes import with_parameters
from cockpit.sim.cloudformation_kinds import Clients, Physical, ResourceFailed, Work, attempt, kind_of
from cockpit.sim.cloudformation_model import Resource, Stack, StackNames, Stacks
from cockpit.sim.cloudformation_template import Declared, Template, resolved
from cockpit.sim.story import Story, tell

BEFORE = 5.0  # seconds from a status of the stack to its first resource
CANCELLED = "Resource update cancelled"
REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."


class _Failed(Exception):
    """A resource has failed, and the operation with it. The text is the stack's status reason."""


class Runner:
    """Runs the operations of stacks.

    Attributes:
        clients: region → service → client, by which resources are made.
    """

    def __init__(self, stacks: Stacks, clients: Callable[[str], Clients]) -> None:
        self._world = stacks.world
        self._clients = clients

    def create(self, stack: Stack, *, delete_on_failure: bool = False) -> None:
        """Make the resources of a new stack."""

        def story() -> Story:
            yield from self._announce(stack, "CREATE_IN_PROGRESS", "User Initiated")
            try:
                yield from self._deploy(stack, stack.template)
            except _Failed as why:
                yield from self._after_failed_creation(stack, str(why), delete_on_failure=delete_on_failure)
                return
            self._status(stack, "CREATE_COMPLETE")

        self._go(stack, story())

    def update(self, stack: Stack, template: Template, parameters: dict[str, str]) -> None:
        """Bring a stack to another template; what fails is rolled back, unless that is disabled."""
        stack.template, stack.parameters, stack.updated_at = template, parameters, self._world.now()

        def story() -> Story:
            yield from self._announce(stack, "UPDATE_IN_PROGRESS", "User Initiated")
            try:
                yield from self._deploy(stack, template)
            except _Failed as why:
                if stack.disable_rollback:
                    self._status(stack, "UPDATE_FAILED", str(why))
                else:
                    yield from self._roll_back(stack, str(why))
                return
            yield from self._announce(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            wanted = {each.logical_id for each in template.resources}
            yield from self._clean_up(stack, [name for name in stack.resources if name not in wanted])
            self._status(stack, "UPDATE_COMPLETE")

        self._go(stack, story())

    def roll_back(self, stack: Stack) -> None:
        """Go back to the last known stable state; without one the stack is deleted, as RollbackStack does (E-33)."""
        if stack.whole is None:
            self.delete(stack)
        else:
            self._go(stack, self._roll_back(stack, "User Initiated"))

    def cancel(self, stack: Stack) -> None:
        """End a running update and roll it back."""
        stack.end_story()
        for resource in [each for each in stack.resources.values() if each.status.endswith("_IN_PROGRESS")]:
            status = resource.status.replace("_IN_PROGRESS", "_FAILED")
            stack.mark(resource.logical_id, status, self._world.now(), CANCELLED)
        self._go(stack, self._roll_back(stack, "User Initiated"))

    def continue_rollback(self, stack: Stack, skipped: Iterable[str]) -> None:
        """Go on with a rollback that has failed. Skipped resources count as rolled back, whatever they are."""
        whole = stack.whole
        for name in skipped:
            if whole is not None and name in whole.resources:
                reason = "Resource was skipped by ContinueUpdateRollback"
                stack.set_resource(
                    replace(whole.resources[name], status="UPDATE_COMPLETE", reason=reason, at=self._world.now())
                )
        self._go(stack, self._roll_back(stack, "User Initiated"))

    def delete(self, stack: Stack) -> None:
        """Delete a stack with its resources."""

        def story() -> Story:
            yield from self._announce(stack, "DELETE_IN_PROGRESS", "User Initiated")
            failed = yield from self._delete(stack, list(stack.resources))
            if failed:
                reason = f"The following resource(s) failed to delete: [{', '.join(failed)}]."
                self._status(stack, "DELETE_FAILED", reason)
                return
            stack.deleted_at = self._world.now()
            self._status(stack, "DELETE_COMPLETE")

        self._go(stack, story())

    def _go(self, stack: Stack, story: Story) -> None:
        stack.end_story = tell(self._world, story)

    def _status(self, stack: Stack, status: str, reason: str = "") -> None:
        stack.set_status(status, self._world.now(), reason)

    def _announce(self, stack: Stack, status: str, reason: str = "") -> Story:
        self._status(stack, status, reason)
        yield BEFORE

    def _after_failed_creation(self, stack: Stack, reason: str, *, delete_on_failure: bool) -> Story:
        if stack.disable_rollback:
            self._status(stack, "CREATE_FAILED", reason)
            return
        yield from self._announce(stack, "DELETE_IN_PROGRESS" if delete_on_failure else "ROLLBACK_IN_PROGRESS", reason)
        yield from self._delete(stack, list(stack.resources))
        if delete_on_failure:
            stack.deleted_at = self._world.now()
        self._status(stack, "DELETE_COMPLETE" if delete_on_failure else "ROLLBACK_COMPLETE")

    def _deploy(self, stack: Stack, template: Template) -> Story:
        """Make and change resources, in the order in which they depend on each other; removals come later.

        Raises:
            _Failed: one could not be made or changed; what follows it was not touched.
        """
        for each in template.resources:
            declared = with_parameters(each, stack.parameters)
            before = stack.resources.get(each.logical_id)
            is_new = before is None or before.physical is None
            properties = self._resolved(stack, declared)
            if before is not None and not is_new and before.properties == properties and "FAILED" not in before.status:
                stack.resources[each.logical_id] = replace(before, declared=declared)
                continue
            yield from self._make(stack, declared, properties, None if is_new else before)

    def _resolved(self, stack: Stack, declared: Declared) -> dict[str, Any]:
        try:
            properties: dict[str, Any] = resolved(declared.properties, StackNames(stack))
        except KeyError as name:
            raise _Failed(f"Template error: {declared.logical_id} refers to {name}, which does not exist.") from None
        return properties

    def _make(self, stack: Stack, declared: Declared, properties: dict[str, Any], before: Resource | None) -> Story:
        kind, name = kind_of(declared.kind), declared.logical_id
        verb = "UPDATE" if before else "CREATE"
        old = before.properties if before else properties
        physical_before = before.physical if before else None
        replaces = any(old.get(key) != properties.get(key) for key in kind.replaced_by)
        going_on = Resource(declared, properties, physical_before, f"{verb}_IN_PROGRESS", "", self._world.now())
        stack.set_resource(replace(going_on, properties=old, reason=REPLACING if replaces else ""))
        yield kind.takes(properties)
        try:
            work = self._work(stack, name, properties, old, physical_before)
            physical = attempt(kind.create if physical_before is None or replaces else kind.update, work)
        except ResourceFailed as why:
            failed = replace(before or going_on, physical=physical_before, at=self._world.now())
            stack.set_resource(replace(failed, status=f"{verb}_FAILED", reason=str(why)))
            done = "update" if before else "create"
            raise _Failed(f"The following resource(s) failed to {done}: [{name}].") from None
        if replaces and before is not None:
            stack.leftovers.append(before)
        stack.set_resource(replace(going_on, physical=physical, status=f"{verb}_COMPLETE", at=self._world.now()))

    def _roll_back(self, stack: Stack, reason: str) -> Story:
        """Bring every resource back to the last known stable state; new ones are deleted once that is done."""
        whole = stack.whole
        if whole is None:
            self._status(stack, "UPDATE_FAILED", reason)
            return
        yield from self._announce(stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        failed: list[str] = []
        for name, good in whole.resources.items():
            went_well = yield from self._bring_back(stack, name, good)
            failed += [] if went_well else [name]
        if failed:
            words = f"The following resource(s) failed to update: [{', '.join(failed)}]."
            self._status(stack, "UPDATE_ROLLBACK_FAILED", words)
            return
        stack.template, stack.parameters = whole.template, dict(whole.parameters)
        yield from self._announce(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        yield from self._clean_up(stack, [name for name in stack.resources if name not in whole.resources])
        self._status(stack, "UPDATE_ROLLBACK_COMPLETE")

    def _bring_back(self, stack: Stack, name: str, good: Resource) -> Generator[float, None, bool]:
        now = stack.resources.get(name, good)
        if now.properties == good.properties and now.physical == good.physical and "FAILED" not in now.status:
            return True
        if now.physical is not None and now.physical != good.physical:
            stack.leftovers.append(now)
            stack.leftovers = [each for each in stack.leftovers if each.physical != good.physical]
        else:
            kind = kind_of(good.declared.kind)
            stack.mark(name, "UPDATE_IN_PROGRESS", self._world.now())
            yield kind.takes(good.properties)
            try:
                attempt(kind.update, self._work(stack, name, good.properties, now.properties, good.physical))
            except ResourceFailed as why:
                stack.mark(name, "UPDATE_FAILED", self._world.now(), str(why))
                return False
        stack.set_resource(replace(good, status="UPDATE_COMPLETE", reason="", at=self._world.now()))
        return True

    def _clean_up(self, stack: Stack, unwanted: list[str]) -> Story:
        """Delete what has been replaced and what is no longer wanted; what cannot be deleted is left, as AWS does."""
        for resource in stack.leftovers:
            if not resource.declared.retained:
                yield kind_of(resource.declared.kind).seconds
                self._delete_physical(stack, resource)
        stack.leftovers = []
        yield from self._delete(stack, unwanted)

    def _delete(self, stack: Stack, names: list[str]) -> Generator[float, None, list[str]]:
        """Delete resources, the last made first; return the names of those that could not be."""
        failed: list[str] = []
        for name in reversed(names):
            resource = stack.resources[name]
            went_well = True
            if resource.declared.retained:
                stack.tell(resource, "DELETE_SKIPPED", "", self._world.now())
            elif resource.physical is not None:
                yield kind_of(resource.declared.kind).seconds
                went_well = self._delete_physical(stack, resource)
            if went_well:
                del stack.resources[name]
            else:
                failed.append(name)
        return failed

    def _delete_physical(self, stack: Stack, resource: Resource) -> bool:
        stack.tell(resource, "DELETE_IN_PROGRESS", "", self._world.now())
        try:
            work = self._work(stack, resource.logical_id, resource.properties, {}, resource.physical)
            attempt(kind_of(resource.declared.kind).delete, work)
        except ResourceFailed as why:
            if "NotFound" not in str(why) and "NoSuchEntity" not in str(why):
                stack.tell(resource, "DELETE_FAILED", str(why), self._world.now())
                return False
        stack.tell(resource, "DELETE_COMPLETE", "", self._world.now())
        return True

    def _work(
        self, stack: Stack, name: str, properties: dict[str, Any], old: dict[str, Any], physical: Physical | None
    ) -> Work:
        generated = f"{stack.name}-{name}-{stack.stack_id[-12:].upper()}"
        return Work(self._clients(stack.region), generated, properties, old, physical or Physical(""))

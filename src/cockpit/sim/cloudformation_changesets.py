"""CloudFormation's change sets: what an update would change, shown before it is carried out."""

from typing import Any

from cockpit.sim.cloudformation_changes import changes
from cockpit.sim.cloudformation_input import (
    begin,
    check_capabilities,
    in_state,
    is_repeated,
    parameters_of,
    refuse_what_is_not_simulated,
    template_of,
)
from cockpit.sim.cloudformation_model import STABLE, ChangeSet, Stack, Stacks, invalid
from cockpit.sim.cloudformation_run import Runner
from cockpit.sim.cloudformation_view import change_set_summary, change_set_view
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.story import Story, tell

CHANGEABLE = (*STABLE, "CREATE_FAILED", "UPDATE_FAILED", "REVIEW_IN_PROGRESS")
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
PENDING_SECONDS = 2.0
COMPARING_SECONDS = 8.0


class ChangeSetApi:
    """The operations, each a function from request to answer."""

    def __init__(self, stacks: Stacks, runner: Runner, s3: Any) -> None:
        self._stacks = stacks
        self._runner = runner
        self._s3 = s3

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateChangeSet": self.create,
            "DescribeChangeSet": self.describe,
            "ListChangeSets": self.list,
            "ExecuteChangeSet": self.execute,
            "DeleteChangeSet": self.delete,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """Begin to compare; the change set can be read after some seconds. Without changes it has failed."""
        params = request.params
        refuse_what_is_not_simulated(params)
        stack = self._stack_to_change(request)
        token = str(params.get("ClientToken") or "")
        known = stack.change_sets.get(params["ChangeSetName"])
        if known is not None and token and known.token == token:
            return {"Id": known.arn, "StackId": stack.stack_id}
        if known is not None:
            raise AwsError("AlreadyExistsException", f"ChangeSet {known.name} already exists")
        template = template_of(params, self._s3(request.region), stack)
        check_capabilities(params, template)
        change_set = ChangeSet(
            params["ChangeSetName"],
            f"arn:aws:cloudformation:{request.region}:{ACCOUNT}:changeSet/{params['ChangeSetName']}/"
            f"{self._stacks.new_uuid()}",
            params.get("ChangeSetType", "UPDATE"),
            template,
            parameters_of(params, template, stack),
            list(params.get("Capabilities", [])),
            params.get("Description", ""),
            self._stacks.world.now(),
            [],
            token,
        )
        stack.change_sets[change_set.name] = change_set
        tell(self._stacks.world, _compare(stack, change_set))
        return {"Id": change_set.arn, "StackId": stack.stack_id}

    def describe(self, request: Request) -> dict[str, Any]:
        """Describe a change set with its changes."""
        return change_set_view(*self._change_set(request))

    def list(self, request: Request) -> dict[str, Any]:
        """List a stack's change sets."""
        stack = self._stacks.stack(request.region, request.params["StackName"])
        return {"Summaries": [change_set_summary(stack, each) for each in stack.change_sets.values()]}

    def execute(self, request: Request) -> dict[str, Any]:
        """Carry a change set out; the stack's other change sets are deleted."""
        refuse_what_is_not_simulated(request.params)
        stack, change_set = self._change_set(request)
        if is_repeated(stack, request.params, "ExecuteChangeSet"):
            return {}
        if change_set.execution != "AVAILABLE":
            message = (
                f"ChangeSet [{change_set.arn}] cannot be executed in its current execution status of"
                f" [{change_set.execution}]"
            )
            raise AwsError("InvalidChangeSetStatusException", message)
        begin(stack, request.params, "ExecuteChangeSet")
        stack.change_sets = {change_set.name: change_set}
        change_set.execution = "EXECUTE_IN_PROGRESS"
        stack.capabilities = change_set.capabilities
        stack.disable_rollback = bool(request.params.get("DisableRollback"))
        if change_set.kind == "CREATE":
            stack.template, stack.parameters = change_set.template, change_set.parameters
            self._runner.create(stack)
        else:
            self._runner.update(stack, change_set.template, change_set.parameters)
        return {}

    def delete(self, request: Request) -> dict[str, Any]:
        """Delete a change set; one that is not there is no error."""
        try:
            stack, change_set = self._change_set(request)
        except AwsError:
            return {}
        del stack.change_sets[change_set.name]
        return {}

    def _stack_to_change(self, request: Request) -> Stack:
        """Return the stack, a new one under review for a change set that creates it."""
        params = request.params
        if params.get("ChangeSetType") == "IMPORT":
            refuse_what_is_not_simulated({"ResourcesToImport": ["any"]})
        stack = self._stacks.find(request.region, params["StackName"])
        if params.get("ChangeSetType") == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise invalid(f"Stack [{stack.name}] already exists and cannot be created again with the changeSet")
            template = template_of(params, self._s3(request.region))
            return stack or self._stacks.add(request.region, params["StackName"], template, {})
        stack = self._stacks.stack(request.region, params["StackName"])
        in_state(stack, CHANGEABLE, lambda it: f"Stack:{it.stack_id} is in {it.status} state and can not be updated.")
        return stack

    def _change_set(self, request: Request) -> tuple[Stack, ChangeSet]:
        """Return a change set by its name and stack, or by its ARN."""
        wanted, stack_name = request.params["ChangeSetName"], request.params.get("StackName")
        for stack in self._stacks.all:
            named = stack_name is None or stack_name in (stack.name, stack.stack_id)
            for change_set in stack.change_sets.values():
                by_name = wanted == change_set.name and stack_name is not None
                if stack.region == request.region and named and (by_name or wanted == change_set.arn):
                    return stack, change_set
        raise AwsError("ChangeSetNotFoundException", f"ChangeSet [{wanted}] does not exist")


def _compare(stack: Stack, change_set: ChangeSet) -> Story:
    yield PENDING_SECONDS
    change_set.status = "CREATE_IN_PROGRESS"
    yield COMPARING_SECONDS
    change_set.changes = changes(stack, change_set.template, change_set.parameters)
    if change_set.changes:
        change_set.status, change_set.execution = "CREATE_COMPLETE", "AVAILABLE"
    else:
        change_set.status, change_set.reason = "FAILED", NO_CHANGES

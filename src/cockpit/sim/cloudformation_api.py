"""CloudFormation's operations on stacks, and the service's installation. Change sets are apart."""

from typing import Any

from cockpit.sim.cloudformation_changes import changes
from cockpit.sim.cloudformation_changesets import ChangeSetApi
from cockpit.sim.cloudformation_input import (
    begin,
    check_capabilities,
    in_state,
    is_repeated,
    parameters_of,
    refuse_what_is_not_simulated,
    template_of,
)
from cockpit.sim.cloudformation_model import STABLE, Stack, Stacks, invalid
from cockpit.sim.cloudformation_run import Runner
from cockpit.sim.cloudformation_view import (
    event_view,
    resource_summary,
    resource_view,
    stack_view,
    template_summary,
)
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import page, response_class

PAGE = 100
UPDATABLE = (*STABLE, "CREATE_FAILED", "UPDATE_FAILED")


def install(simulation: Simulation) -> None:
    """Put a CloudFormation that lives in time in place of moto's."""
    stacks = Stacks(simulation.world)
    simulation.parts[Stacks] = stacks

    def clients(region: str) -> Any:
        return lambda service: simulation.client(service, region)

    runner = Runner(stacks, clients)

    def s3(region: str) -> Any:
        return simulation.client("s3", region)

    handlers = {**StackApi(stacks, runner, s3).handlers(), **ChangeSetApi(stacks, runner, s3).handlers()}
    serve("cloudformation", response_class("cloudformation", handlers))


class StackApi:
    """The operations, each a function from request to answer.

    Attributes:
        s3: region → client, to fetch templates with.
    """

    def __init__(self, stacks: Stacks, runner: Runner, s3: Any) -> None:
        self._stacks = stacks
        self._runner = runner
        self._s3 = s3

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateStack": self.create_stack,
            "UpdateStack": self.update_stack,
            "RollbackStack": self.rollback_stack,
            "CancelUpdateStack": self.cancel_update,
            "ContinueUpdateRollback": self.continue_rollback,
            "DeleteStack": self.delete_stack,
            "UpdateTerminationProtection": self.update_protection,
            "DescribeStacks": self.describe_stacks,
            "ListStacks": self.list_stacks,
            "DescribeStackEvents": self.describe_events,
            "DescribeStackResources": self.describe_resources,
            "ListStackResources": self.list_resources,
            "GetTemplate": self.get_template,
            "GetTemplateSummary": self.get_template_summary,
        }

    def create_stack(self, request: Request) -> dict[str, Any]:
        """Create a stack."""
        params = request.params
        refuse_what_is_not_simulated(params)
        if self._stacks.find(request.region, params["StackName"]):
            raise AwsError("AlreadyExistsException", f"Stack [{params['StackName']}] already exists")
        template = template_of(params, self._s3(request.region))
        check_capabilities(params, template)
        values = parameters_of(params, template)
        stack = self._stacks.add(request.region, params["StackName"], template, values)
        stack.capabilities = list(params.get("Capabilities", []))
        stack.tags = list(params.get("Tags", []))
        stack.termination_protection = bool(params.get("EnableTerminationProtection"))
        on_failure = params.get("OnFailure", "ROLLBACK")
        stack.disable_rollback = bool(params.get("DisableRollback")) or on_failure == "DO_NOTHING"
        begin(stack, params, "CreateStack")
        self._runner.create(stack, delete_on_failure=on_failure == "DELETE")
        return {"StackId": stack.stack_id}

    def update_stack(self, request: Request) -> dict[str, Any]:
        """Update a stack; nothing is shown before."""
        params = request.params
        refuse_what_is_not_simulated(params)
        stack = self._stack(request)
        if is_repeated(stack, params, "UpdateStack"):
            return {"StackId": stack.stack_id}
        in_state(stack, UPDATABLE, lambda it: f"Stack:{it.stack_id} is in {it.status} state and can not be updated.")
        template = template_of(params, self._s3(request.region), stack)
        check_capabilities(params, template)
        values = parameters_of(params, template, stack)
        if not changes(stack, template, values):
            raise invalid("No updates are to be performed.")
        begin(stack, params, "UpdateStack")
        stack.capabilities = list(params.get("Capabilities", []))
        stack.disable_rollback = bool(params.get("DisableRollback"))
        for change_set in stack.change_sets.values():
            change_set.execution = "OBSOLETE"
        self._runner.update(stack, template, values)
        return {"StackId": stack.stack_id}

    def rollback_stack(self, request: Request) -> dict[str, Any]:
        """Roll a failed stack back; one that never was whole is deleted (E-33)."""
        stack = self._for(request, "RollbackStack", ("CREATE_FAILED", "UPDATE_FAILED"))
        if stack is not None:
            begin(stack, request.params, "RollbackStack")
            self._runner.roll_back(stack)
        return {"StackId": self._stack(request).stack_id}

    def cancel_update(self, request: Request) -> dict[str, Any]:
        """Cancel a running update."""
        stack = self._for(request, "CancelUpdateStack", ("UPDATE_IN_PROGRESS",))
        if stack is not None:
            begin(stack, request.params, "CancelUpdateStack")
            self._runner.cancel(stack)
        return {}

    def continue_rollback(self, request: Request) -> dict[str, Any]:
        """Go on with a rollback that failed, with or without the resources that failed."""
        stack = self._for(request, "ContinueUpdateRollback", ("UPDATE_ROLLBACK_FAILED",))
        if stack is None:
            return {}
        failed = [name for name, each in stack.resources.items() if each.status == "UPDATE_FAILED"]
        skipped = failed if request.params.get("ForceRollback") else request.params.get("ResourcesToSkip", [])
        wrong = [name for name in skipped if name not in failed]
        if wrong:
            raise invalid(f"ResourcesToSkip: [{', '.join(wrong)}] are not in UPDATE_FAILED state.")
        begin(stack, request.params, "ContinueUpdateRollback")
        self._runner.continue_rollback(stack, skipped)
        return {}

    def delete_stack(self, request: Request) -> dict[str, Any]:
        """Delete a stack with its resources; one that is not there is no error."""
        refuse_what_is_not_simulated(request.params)
        stack = self._stacks.find(request.region, request.params["StackName"])
        if stack is None or stack.is_deleted or is_repeated(stack, request.params, "DeleteStack"):
            return {}
        if stack.termination_protection:
            raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        begin(stack, request.params, "DeleteStack")
        stack.end_story()
        self._runner.delete(stack)
        return {}

    def update_protection(self, request: Request) -> dict[str, Any]:
        """Protect a stack against deletion, or no longer."""
        stack = self._stack(request)
        stack.termination_protection = bool(request.params["EnableTerminationProtection"])
        return {"StackId": stack.stack_id}

    def describe_stacks(self, request: Request) -> dict[str, Any]:
        """Describe one stack, or all that are not deleted."""
        if request.params.get("StackName"):
            return {"Stacks": [stack_view(self._stack(request))]}
        here = [each for each in self._stacks.all if each.region == request.region and not each.is_deleted]
        return _paged("Stacks", [stack_view(each) for each in here], request)

    def list_stacks(self, request: Request) -> dict[str, Any]:
        """List stacks, the deleted ones included."""
        wanted = request.params.get("StackStatusFilter") or ()
        here = [each for each in self._stacks.all if each.region == request.region]
        shown = [_summary(each) for each in here if not wanted or each.status in wanted]
        return _paged("StackSummaries", shown, request)

    def describe_events(self, request: Request) -> dict[str, Any]:
        """Return a stack's history, newest first."""
        stack = self._stack(request)
        views = [event_view(stack, event, number) for number, event in enumerate(stack.events, 1)]
        return _paged("StackEvents", views[::-1], request)

    def describe_resources(self, request: Request) -> dict[str, Any]:
        """Describe a stack's resources."""
        stack, wanted = self._stack(request), request.params.get("LogicalResourceId")
        found = [each for name, each in stack.resources.items() if wanted in (None, name)]
        return {"StackResources": [resource_view(stack, each) for each in found]}

    def list_resources(self, request: Request) -> dict[str, Any]:
        """List a stack's resources."""
        found = self._stack(request).resources.values()
        return _paged("StackResourceSummaries", [resource_summary(each) for each in found], request)

    def get_template(self, request: Request) -> dict[str, Any]:
        """Return a stack's template, or a change set's, as it was given."""
        stack = self._stack(request)
        name = request.params.get("ChangeSetName")
        template = stack.change_sets[name].template if name in stack.change_sets else stack.template
        return {"TemplateBody": template.text, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, request: Request) -> dict[str, Any]:
        """Tell what a template needs: parameters and capabilities."""
        refuse_what_is_not_simulated(request.params)
        if request.params.get("StackName"):
            return template_summary(self._stack(request).template)
        return template_summary(template_of(request.params, self._s3(request.region)))

    def _stack(self, request: Request) -> Stack:
        return self._stacks.stack(request.region, request.params["StackName"])

    def _for(self, request: Request, operation: str, allowed: tuple[str, ...]) -> Stack | None:
        """Return the stack that an operation may act on now; None if it has done so before, by the same token."""
        refuse_what_is_not_simulated(request.params)
        stack = self._stack(request)
        if is_repeated(stack, request.params, operation):
            return None
        in_state(stack, allowed, lambda it: f"{operation} cannot be called from current stack status {it.status}")
        return stack


def _summary(stack: Stack) -> dict[str, Any]:
    names = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus")
    view = stack_view(stack)
    drift = {"DriftInformation": view["DriftInformation"]}
    return {**{name: view[name] for name in (*names, "StackStatusReason") if name in view}, **drift}


def _paged(member: str, items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    shown, token = page(items, request.params.get("NextToken"), PAGE, "ValidationError")
    return {member: shown, **({"NextToken": token} if token else {})}

"""CloudFormation's things as botocore's output shapes want them."""

from typing import Any

from cockpit.sim.cloudformation_model import Change, ChangeSet, Event, Resource, Stack, StackNames
from cockpit.sim.cloudformation_template import Template, resolved
from cockpit.sim.whole_service import given

PREFIX = "arn:aws:cloudformation:"


def parameters_view(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """Return parameters with their values."""
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def stack_view(stack: Stack) -> dict[str, Any]:
    """Return a stack as DescribeStacks shows it."""
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "Parameters": parameters_view(stack.parameters),
        "CreationTime": stack.created_at,
        "StackStatus": stack.status,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": _outputs(stack),
        "Tags": stack.tags,
        "EnableTerminationProtection": stack.termination_protection,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        **given(
            {
                "Description": stack.template.description or None,
                "StackStatusReason": stack.reason or None,
                "LastUpdatedTime": stack.updated_at,
                "DeletionTime": stack.deleted_at,
            }
        ),
    }


def _outputs(stack: Stack) -> list[dict[str, Any]]:
    """Return the outputs of a stack that is whole."""
    if not stack.status.endswith("_COMPLETE") or stack.is_deleted:
        return []
    names = StackNames(stack)
    try:
        return [
            {"OutputKey": key, "OutputValue": str(resolved(body["Value"], names)), **_described(body)}
            for key, body in stack.template.outputs.items()
        ]
    except KeyError:
        return []


def _described(body: dict[str, Any]) -> dict[str, Any]:
    return given({"Description": body.get("Description")})


def event_view(stack: Stack, event: Event, number: int) -> dict[str, Any]:
    """Return one line of a stack's history, the `number`th."""
    return {
        "StackId": stack.stack_id,
        "EventId": f"{event.logical_id}-{event.status}-{number:06}",
        "StackName": stack.name,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.kind,
        "Timestamp": event.at,
        "ResourceStatus": event.status,
        **given({"ResourceStatusReason": event.reason or None, "ClientRequestToken": event.token or None}),
    }


def resource_summary(resource: Resource) -> dict[str, Any]:
    """Return a resource as ListStackResources shows it."""
    return {
        "LogicalResourceId": resource.logical_id,
        "ResourceType": resource.declared.kind,
        "LastUpdatedTimestamp": resource.at,
        "ResourceStatus": resource.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        **given(
            {
                "PhysicalResourceId": resource.physical.ref if resource.physical else None,
                "ResourceStatusReason": resource.reason or None,
            }
        ),
    }


def resource_view(stack: Stack, resource: Resource) -> dict[str, Any]:
    """Return a resource as DescribeStackResources shows it."""
    summary = resource_summary(resource)
    at = summary.pop("LastUpdatedTimestamp")
    return {"StackName": stack.name, "StackId": stack.stack_id, "Timestamp": at, **summary}


def template_summary(template: Template) -> dict[str, Any]:
    """Return what GetTemplateSummary tells of a template."""
    capabilities = list(template.capabilities())
    of_iam = sorted({each.kind for each in template.resources if each.kind.startswith("AWS::IAM::")})
    reason = f"The following resource(s) require capabilities: [{', '.join(of_iam)}]" if of_iam else None
    return {
        "Parameters": [
            {
                "ParameterKey": name,
                "ParameterType": declared.get("Type", "String"),
                "NoEcho": bool(declared.get("NoEcho")),
                "ParameterConstraints": {},
                **given({"DefaultValue": declared.get("Default"), "Description": declared.get("Description")}),
            }
            for name, declared in template.parameters.items()
        ],
        "Capabilities": capabilities,
        "ResourceTypes": sorted({each.kind for each in template.resources}),
        "Version": "2010-09-09",
        **given({"Description": template.description or None, "CapabilitiesReason": reason}),
    }


def change_set_summary(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    """Return a change set as ListChangeSets shows it."""
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "ChangeSetId": change_set.arn,
        "ChangeSetName": change_set.name,
        "ExecutionStatus": _execution(stack, change_set),
        "Status": change_set.status,
        "CreationTime": change_set.created_at,
        "IncludeNestedStacks": False,
        **given({"StatusReason": change_set.reason or None, "Description": change_set.description or None}),
    }


def _execution(stack: Stack, change_set: ChangeSet) -> str:
    """Return how far the execution has come: it ends as the stack's update does."""
    if change_set.execution != "EXECUTE_IN_PROGRESS" or stack.status.endswith("_IN_PROGRESS"):
        return change_set.execution
    return "EXECUTE_COMPLETE" if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else "EXECUTE_FAILED"


def change_set_view(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    """Return a change set with its changes."""
    is_ready = change_set.status == "CREATE_COMPLETE"
    return {
        **change_set_summary(stack, change_set),
        "Parameters": parameters_view(change_set.parameters),
        "NotificationARNs": [],
        "Capabilities": change_set.capabilities,
        "Tags": [],
        "Changes": [_change_view(each) for each in change_set.changes] if is_ready else [],
    }


def _change_view(change: Change) -> dict[str, Any]:
    details = [
        {
            "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreates},
            "Evaluation": evaluation,
            "ChangeSource": source,
        }
        for name, source, evaluation, recreates in change.details
    ]
    policy = {"Remove": "Retain" if change.resource.retained else "Delete"}.get(change.action)
    told = {
        "Action": change.action,
        "LogicalResourceId": change.resource.logical_id,
        "ResourceType": change.resource.kind,
        "Scope": ["Properties"] if details else [],
        "Details": details,
        **given(
            {
                "PolicyAction": "ReplaceAndDelete" if change.replacement == "True" else policy,
                "PhysicalResourceId": change.physical_id or None,
                "Replacement": change.replacement or None,
            }
        ),
    }
    return {"Type": "Resource", "ResourceChange": told}

"""What a role of the account may do, for simulated services that act in its name. Roles and policies are moto's."""

from typing import Any

from moto.iam.models import iam_backends

from cockpit.sim.identity_api import policies_of
from cockpit.sim.identity_policies import decide
from cockpit.sim.simulation import ACCOUNT


def role_named(arn_or_name: str) -> Any | None:
    """Return moto's role; None if there is none."""
    name = arn_or_name.rpartition("/")[2]
    return next((role for role in iam_backends[ACCOUNT]["aws"].roles.values() if role.name == name), None)


def why_not(role_arn: str, action: str, resource: str) -> str:
    """Return why a role may not do something, as AWS words it; empty if it may.

    Unlike callers, a role without any policy may do nothing.
    """
    role = role_named(role_arn)
    if role is None:
        return f"The role {role_arn} does not exist or cannot be assumed."
    attached = role.policies or role.managed_policies
    if attached and decide(policies_of(ACCOUNT, role_arn), action, resource).decision == "allowed":
        return ""
    return (
        f"User: {role_arn} is not authorized to perform: {action} on resource: {resource}"
        " because no identity-based policy allows the action"
    )

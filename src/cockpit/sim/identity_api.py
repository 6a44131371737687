"""Who calls, and what IAM says that they may do. Users, roles and policies are moto's; nothing is enforced.

Whoever comes with access keys that IAM does not know is the user `oncall`. A principal that IAM does not know, and one
to which no policy was ever attached, may do everything, so that a bare scenario needs no policies.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from cockpit.sim.errors import AwsError
from cockpit.sim.identity_policies import ALLOW_ALL, Verdict, decide
from cockpit.sim.operations import Request, add_operations
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import page

ON_CALL = "oncall"
_UNKNOWN_TO_MOTO = "user/moto"
PAGE = 100


def install(simulation: Simulation) -> None:
    """Name the caller, and add IAM's policy simulator."""
    del simulation
    setattr(TokenResponse, get_caller_identity.__name__, get_caller_identity)
    add_operations(IamResponse, {"SimulatePrincipalPolicy": simulate_principal_policy})


def get_caller_identity(self: TokenResponse) -> ActionResult:
    """Answer as moto does, but name the caller that it does not know."""
    backend = sts_backends[self.current_account][self.partition]
    user_id, arn, account = backend.get_caller_identity(self.get_access_key(), self.region)
    if arn.endswith(_UNKNOWN_TO_MOTO):
        user = iam_backends[account][self.partition].users.get(ON_CALL)
        user_id = user.id if user else "AIDASIMULATEDONCALL0"
        arn = f"arn:{self.partition}:iam::{account}:user/{ON_CALL}"
    return ActionResult({"UserId": user_id, "Account": account, "Arn": arn})


def simulate_principal_policy(request: Request) -> dict[str, Any]:
    """Say for each action, on each resource, whether the principal's policies allow it."""
    params = request.params
    documents = [*policies_of(request.account, params["PolicySourceArn"]), *params.get("PolicyInputList", [])]
    resources = params.get("ResourceArns") or ["*"]
    results = [
        _result(action, resource, decide(documents, action, resource))
        for action in params["ActionNames"]
        for resource in resources
    ]
    size = min(int(params.get("MaxItems", PAGE)), PAGE)
    shown, token = page(results, params.get("Marker"), size, "InvalidInput")
    return {"EvaluationResults": shown, "IsTruncated": token is not None, **({"Marker": token} if token else {})}


def _result(action: str, resource: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": verdict.decision,
        "MatchedStatements": [],
        "MissingContextValues": list(verdict.missing_context),
    }


def policies_of(account: str, arn: str) -> list[str]:
    """Return the policies of a user, with their groups', or of a role; all-allowing if there is none.

    Raises:
        AwsError: the ARN is of no user or role; a session (assumed-role) is none.
    """
    kind, _, name = arn.partition(f"::{account}:")[2].partition("/")
    if kind not in ("user", "role"):
        message = f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        raise AwsError("InvalidInput", message)
    backend = iam_backends[account]["aws"]
    name = name.rpartition("/")[2]
    entities: list[Any] = [role for role in backend.roles.values() if kind == "role" and role.name == name]
    if kind == "user" and name in backend.users:
        entities = [backend.users[name], *backend.get_groups_for_user(name)]
    documents: list[str] = []
    for each in entities:
        documents += [str(document) for document in each.policies.values()]
        documents += [_default_version(policy) for policy in each.managed_policies.values()]
    return documents or [ALLOW_ALL]


def _default_version(policy: Any) -> str:
    """Return the text of a managed policy's version that is in force."""
    return next(str(each.document) for each in policy.versions if each.version_id == policy.default_version_id)

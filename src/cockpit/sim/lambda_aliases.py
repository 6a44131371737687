"""The Lambda operations about aliases and resource-based policies."""

import json
from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_model import Alias, Function, LambdaModel, check_routing, compare_revision
from cockpit.sim.lambda_view import alias_view, policy_text
from cockpit.sim.operations import Handler, Request
from cockpit.sim.whole_service import page

PAGE = 50


class AliasApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: LambdaModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateAlias": self.create_alias,
            "UpdateAlias": self.update_alias,
            "DeleteAlias": self.delete_alias,
            "GetAlias": self.get_alias,
            "ListAliases": self.list_aliases,
            "AddPermission": self.add_permission,
            "RemovePermission": self.remove_permission,
            "GetPolicy": self.get_policy,
        }

    def create_alias(self, request: Request) -> dict[str, Any]:
        """Create an alias for a version that exists."""
        function, params = self._function(request), request.params
        if params["Name"] in function.aliases:
            message = f"Alias already exists: {function.arn(params['Name'])}"
            raise AwsError("ResourceConflictException", message, Type="User")
        weights = _weights(params) or {}
        check_routing(function, params["FunctionVersion"], weights)
        alias = Alias(
            params["Name"],
            params["FunctionVersion"],
            weights,
            params.get("Description", ""),
            self._model.new_revision_id(),
        )
        function.aliases[alias.name] = alias
        return alias_view(function, alias)

    def update_alias(self, request: Request) -> dict[str, Any]:
        """Change what is given and keep the rest: shares that are not mentioned stay (E-36)."""
        function, params = self._function(request), request.params
        alias = function.alias(params["Name"])
        compare_revision(params.get("RevisionId"), alias.revision_id)
        weights = _weights(params)
        version = params.get("FunctionVersion") or alias.version
        self._model.point(function, alias, version, alias.weights if weights is None else weights)
        alias.description = params.get("Description", alias.description)
        return alias_view(function, alias)

    def delete_alias(self, request: Request) -> dict[str, Any]:
        """Delete an alias; none that is missing is an error."""
        self._function(request).aliases.pop(request.params["Name"], None)
        return {}

    def get_alias(self, request: Request) -> dict[str, Any]:
        """Describe an alias."""
        function = self._function(request)
        return alias_view(function, function.alias(request.params["Name"]))

    def list_aliases(self, request: Request) -> dict[str, Any]:
        """List a function's aliases, or those that stand for one version."""
        function = self._function(request)
        wanted = request.params.get("FunctionVersion")
        aliases = [alias for _, alias in sorted(function.aliases.items()) if wanted in (None, alias.version)]
        return paged("Aliases", [alias_view(function, alias) for alias in aliases], request)

    def add_permission(self, request: Request) -> dict[str, Any]:
        """Add a statement to the policy of a function, a version or an alias. Nothing is refused for want of one."""
        function, params = self._function(request), request.params
        qualifier = params.get("Qualifier", "")
        if qualifier:
            function.version(qualifier)
        statements = function.policies.setdefault(qualifier, [])
        if any(each["Sid"] == params["StatementId"] for each in statements):
            message = f"The statement id ({params['StatementId']}) provided already exists."
            raise AwsError("ResourceConflictException", message, Type="User")
        principal = params["Principal"]
        statement: dict[str, Any] = {
            "Sid": params["StatementId"],
            "Effect": "Allow",
            "Principal": {"Service" if principal.endswith(".amazonaws.com") else "AWS": principal},
            "Action": params["Action"],
            "Resource": function.arn(qualifier),
        }
        if "SourceArn" in params:
            statement["Condition"] = {"ArnLike": {"AWS:SourceArn": params["SourceArn"]}}
        statements.append(statement)
        return {"Statement": json.dumps(statement)}

    def remove_permission(self, request: Request) -> dict[str, Any]:
        """Remove a statement."""
        statements = self._statements(request)
        kept = [each for each in statements if each["Sid"] != request.params["StatementId"]]
        if len(kept) == len(statements):
            message = f"Statement {request.params['StatementId']} is not found in resource policy."
            raise AwsError("ResourceNotFoundException", message, Type="User")
        statements[:] = kept
        return {}

    def get_policy(self, request: Request) -> dict[str, Any]:
        """Return the policy of a function, a version or an alias."""
        statements = self._statements(request)
        if not statements:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", Type="User")
        return {"Policy": policy_text(statements)}

    def _statements(self, request: Request) -> list[dict[str, Any]]:
        function, own = self._model.get(request.region, request.params["FunctionName"])
        return function.policies.setdefault(request.params.get("Qualifier") or own, [])

    def _function(self, request: Request) -> Function:
        return self._model.get(request.region, request.params["FunctionName"])[0]


def paged(member: str, items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """Return one page of a list in Lambda's way."""
    size = min(int(request.params.get("MaxItems") or PAGE), PAGE)
    shown, marker = page(items, request.params.get("Marker"), size, "InvalidParameterValueException")
    return {member: shown, **({"NextMarker": marker} if marker else {})}


def _weights(params: dict[str, Any]) -> dict[str, float] | None:
    """Return the shares that a request gives; None if it says nothing about them, empty if it takes them away."""
    routing = params.get("RoutingConfig")
    return None if routing is None else dict(routing.get("AdditionalVersionWeights") or {})

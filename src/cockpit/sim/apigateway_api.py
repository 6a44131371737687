"""API Gateway's HTTP APIs in front of Lambda aliases and services: enough that one can be found, called, and fail."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import JsonValue

from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_model import LambdaModel
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import only, page, response_class

PAGES = "/_aws/execute-api/"
PAGE = 25
_ALIAS = re.compile(r"arn:aws:lambda:(?P<region>[a-z0-9-]+):\d{12}:function:(?P<function>[\w-]+):(?P<alias>[\w-]+)")
_SERVICE = "apigateway.amazonaws.com"


@dataclass(eq=False)
class Api:
    """One HTTP API. `routes` are route key → integration id; `integrations` id → ARN of what it leads to."""

    api_id: str
    region: str
    created_at: datetime
    params: dict[str, Any]
    routes: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)


def install(simulation: Simulation) -> None:
    """Put HTTP APIs in place, and serve their web addresses; moto's want packages that are not here."""
    gateway = ApiGateway(simulation)
    simulation.parts[ApiGateway] = gateway
    serve("apigatewayv2", response_class("apigatewayv2", gateway.handlers()))
    simulation.pages[PAGES] = gateway.serve


class ApiGateway:
    """The operations, each a function from request to answer, and the APIs themselves.

    Attributes:
        backends: what answers behind an integration that does not lead to Lambda, by its ARN.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._model: LambdaModel = simulation.parts[LambdaModel]
        self._chance = simulation.world.random("apigateway")
        self._apis: dict[str, Api] = {}
        self.backends: dict[str, Callable[[], tuple[int, JsonValue]]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateApi": self.create_api,
            "GetApi": self.get_api,
            "GetApis": self.get_apis,
            "CreateIntegration": self.create_integration,
            "CreateRoute": self.create_route,
        }

    def create_api(self, request: Request) -> dict[str, Any]:
        """Create an HTTP API with a default stage."""
        if request.params["ProtocolType"] != "HTTP":
            raise AwsError("BadRequestException", "Only HTTP APIs are simulated.")
        api = Api(self._new_id(), request.region, self._simulation.world.now(), request.params)
        self._apis[api.api_id] = api
        return self._view(api)

    def get_api(self, request: Request) -> dict[str, Any]:
        """Describe an API; its endpoint leads to this simulator."""
        return self._view(self._api(request))

    def get_apis(self, request: Request) -> dict[str, Any]:
        """List the APIs of a region."""
        views = [self._view(api) for api in self._apis.values() if api.region == request.region]
        shown, token = page(views, request.params.get("NextToken"), PAGE, "BadRequestException")
        return {"Items": shown, **({"NextToken": token} if token else {})}

    def create_integration(self, request: Request) -> dict[str, Any]:
        """Connect an API with a Lambda alias, or with a private service by its ARN."""
        kind, uri = request.params["IntegrationType"], str(request.params.get("IntegrationUri", ""))
        if not (_ALIAS.fullmatch(uri) if kind == "AWS_PROXY" else kind == "HTTP_PROXY" and uri.startswith("arn:")):
            message = "Only integrations with an alias of a Lambda function, or a private service, are simulated."
            raise AwsError("BadRequestException", message)
        integration = self._new_id()
        self._api(request).integrations[integration] = uri
        return {"IntegrationId": integration, "IntegrationType": kind, "IntegrationUri": uri}

    def create_route(self, request: Request) -> dict[str, Any]:
        """Let a path lead to an integration."""
        key, target = request.params["RouteKey"], str(request.params.get("Target", ""))
        api = self._api(request)
        integration = target.removeprefix("integrations/")
        if integration not in api.integrations:
            raise AwsError("BadRequestException", f"There is no integration {target}.")
        api.routes[key] = integration
        return {"RouteId": self._new_id(), "RouteKey": key, "Target": target}

    def serve(self, path: str) -> tuple[int, JsonValue]:
        """Answer somebody who asks an API with GET: what is behind the path is called once."""
        api_id, _, rest = path.removeprefix(PAGES).partition("/")
        api = self._apis.get(api_id)
        integration = api.routes.get(f"GET /{rest}") if api else None
        if api is None or integration is None:
            return HTTPStatus.NOT_FOUND, {"message": "Not Found"}
        uri = api.integrations[integration]
        if uri in self.backends:
            return self.backends[uri]()
        match = _ALIAS.fullmatch(uri)
        function = self._model.find(match["region"], match["function"]) if match else None
        if match is None or function is None or not _allows(function.policies.get(match["alias"], [])):
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "Internal Server Error"}
        call = self._model.callers.get((function.region, function.name, match["alias"]))
        return call() if call else (HTTPStatus.OK, {"status": "ok"})

    def _view(self, api: Api) -> dict[str, Any]:
        return {
            "ApiId": api.api_id,
            "ApiEndpoint": f"{self._simulation.address}{PAGES}{api.api_id}",
            "ApiKeySelectionExpression": "$request.header.x-api-key",
            "CreatedDate": api.created_at,
            "DisableExecuteApiEndpoint": False,
            "RouteSelectionExpression": "$request.method $request.path",
            **only(api.params, "Name", "ProtocolType", "Description", "Tags"),
        }

    def _api(self, request: Request) -> Api:
        found = self._apis.get(request.params["ApiId"])
        if found is None or found.region != request.region:
            raise AwsError("NotFoundException", f"Invalid API identifier specified {request.params['ApiId']}")
        return found

    def _new_id(self) -> str:
        return "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=10))


def _allows(statements: list[dict[str, Any]]) -> bool:
    """Tell whether a resource-based policy lets API Gateway call; without that an API answers 500 (E-82)."""
    return any(
        each["Principal"].get("Service") == _SERVICE and each["Action"] in ("lambda:InvokeFunction", "lambda:*")
        for each in statements
    )

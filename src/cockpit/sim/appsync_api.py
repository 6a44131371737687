"""AppSync's operations on GraphQL APIs, data sources and resolvers. Everything else of AppSync is not simulated."""

from typing import Any

from cockpit.sim.appsync_model import Api, AppSyncModel, missing
from cockpit.sim.appsync_path import DataPath
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.tables import Tables
from cockpit.sim.whole_service import page, response_class

PAGE = 25
_DATA_SOURCE = (
    "name",
    "description",
    "type",
    "serviceRoleArn",
    "dynamodbConfig",
    "lambdaConfig",
    "elasticsearchConfig",
    "openSearchServiceConfig",
    "httpConfig",
    "relationalDatabaseConfig",
    "eventBridgeConfig",
    "metricsConfig",
)
_RESOLVER = (
    "typeName",
    "fieldName",
    "dataSourceName",
    "requestMappingTemplate",
    "responseMappingTemplate",
    "kind",
    "pipelineConfig",
    "syncConfig",
    "cachingConfig",
    "maxBatchSize",
    "runtime",
    "code",
    "metricsConfig",
)


def install(simulation: Simulation) -> None:
    """Put AppSync in place of moto's, with the way that writes take through it."""
    model = AppSyncModel(simulation.world)
    simulation.parts[AppSyncModel] = model
    simulation.parts[DataPath] = DataPath(model, simulation.parts[Tables])
    serve("appsync", response_class("appsync", AppSyncApi(model).handlers()))


class AppSyncApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: AppSyncModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateGraphqlApi": self.create_api,
            "GetGraphqlApi": self.get_api,
            "ListGraphqlApis": self.list_apis,
            "UpdateGraphqlApi": self.update_api,
            "DeleteGraphqlApi": self.delete_api,
            "StartSchemaCreation": self.start_schema,
            "GetSchemaCreationStatus": self.schema_status,
            "CreateDataSource": self.create_data_source,
            "GetDataSource": self.get_data_source,
            "ListDataSources": self.list_data_sources,
            "UpdateDataSource": self.update_data_source,
            "DeleteDataSource": self.delete_data_source,
            "CreateResolver": self.create_resolver,
            "GetResolver": self.get_resolver,
            "ListResolvers": self.list_resolvers,
            "UpdateResolver": self.update_resolver,
            "DeleteResolver": self.delete_resolver,
        }

    def create_api(self, request: Request) -> dict[str, Any]:
        """Create a GraphQL API."""
        return {"graphqlApi": _api_view(self._model.create(request.region, dict(request.params)))}

    def get_api(self, request: Request) -> dict[str, Any]:
        """Describe an API."""
        return {"graphqlApi": _api_view(self._api(request))}

    def list_apis(self, request: Request) -> dict[str, Any]:
        """List the region's APIs."""
        here = [_api_view(api) for (region, _), api in self._model.apis.items() if region == request.region]
        return _paged("graphqlApis", here, request)

    def update_api(self, request: Request) -> dict[str, Any]:
        """Change an API's settings."""
        api = self._api(request)
        api.params = {name: value for name, value in request.params.items() if name != "apiId"}
        api.name = api.params["name"]
        return {"graphqlApi": _api_view(api)}

    def delete_api(self, request: Request) -> dict[str, Any]:
        """Delete an API with its data sources and resolvers."""
        api = self._api(request)
        del self._model.apis[api.region, api.api_id]
        return {}

    def start_schema(self, request: Request) -> dict[str, Any]:
        """Take a schema; it is there at once."""
        definition = request.params["definition"]
        text = definition.decode() if isinstance(definition, bytes) else str(definition)
        self._api(request).take_schema(text)
        return {"status": "PROCESSING"}

    def schema_status(self, request: Request) -> dict[str, Any]:
        """Say whether there is a schema."""
        has_schema = bool(self._api(request).fields)
        return {"status": "SUCCESS" if has_schema else "NOT_APPLICABLE"}

    def create_data_source(self, request: Request) -> dict[str, Any]:
        """Create a data source."""
        api, name = self._api(request), request.params["name"]
        if name in api.data_sources:
            raise AwsError("BadRequestException", f"Data source with name {name} already exists")
        api.data_sources[name] = _data_source(request)
        return {"dataSource": _data_source_view(api, api.data_sources[name])}

    def get_data_source(self, request: Request) -> dict[str, Any]:
        """Describe a data source."""
        api = self._api(request)
        return {"dataSource": _data_source_view(api, api.data_source(request.params["name"]))}

    def list_data_sources(self, request: Request) -> dict[str, Any]:
        """List an API's data sources."""
        api = self._api(request)
        return _paged("dataSources", [_data_source_view(api, each) for each in api.data_sources.values()], request)

    def update_data_source(self, request: Request) -> dict[str, Any]:
        """Replace a data source: members that are not given are gone."""
        api, name = self._api(request), request.params["name"]
        api.data_source(name)
        api.data_sources[name] = _data_source(request)
        return {"dataSource": _data_source_view(api, api.data_sources[name])}

    def delete_data_source(self, request: Request) -> dict[str, Any]:
        """Delete a data source, whatever resolvers still name it."""
        api = self._api(request)
        api.data_source(request.params["name"])
        del api.data_sources[request.params["name"]]
        return {}

    def create_resolver(self, request: Request) -> dict[str, Any]:
        """Attach a resolver to a field of the schema."""
        api, params = self._api(request), request.params
        key = params["typeName"], params["fieldName"]
        if key in api.resolvers:
            raise AwsError("BadRequestException", "Only one resolver is allowed per field.")
        api.resolvers[key] = _resolver(api, request)
        return {"resolver": _resolver_view(api, api.resolvers[key])}

    def get_resolver(self, request: Request) -> dict[str, Any]:
        """Describe a resolver."""
        api, params = self._api(request), request.params
        return {"resolver": _resolver_view(api, api.resolver(params["typeName"], params["fieldName"]))}

    def list_resolvers(self, request: Request) -> dict[str, Any]:
        """List the resolvers of a type."""
        api = self._api(request)
        wanted = request.params["typeName"]
        found = [_resolver_view(api, each) for (type_name, _), each in api.resolvers.items() if type_name == wanted]
        return _paged("resolvers", found, request)

    def update_resolver(self, request: Request) -> dict[str, Any]:
        """Replace a resolver."""
        api, params = self._api(request), request.params
        api.resolver(params["typeName"], params["fieldName"])
        api.resolvers[params["typeName"], params["fieldName"]] = _resolver(api, request)
        return {"resolver": _resolver_view(api, api.resolvers[params["typeName"], params["fieldName"]])}

    def delete_resolver(self, request: Request) -> dict[str, Any]:
        """Delete a resolver."""
        api, params = self._api(request), request.params
        api.resolver(params["typeName"], params["fieldName"])
        del api.resolvers[params["typeName"], params["fieldName"]]
        return {}

    def _api(self, request: Request) -> Api:
        return self._model.api(request.region, request.params["apiId"])


def _paged(member: str, items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    size = min(int(request.params.get("maxResults") or PAGE), PAGE)
    shown, token = page(items, request.params.get("nextToken"), size, "BadRequestException")
    return {member: shown, **({"nextToken": token} if token else {})}


def _data_source(request: Request) -> dict[str, Any]:
    params = {name: request.params[name] for name in _DATA_SOURCE if request.params.get(name) is not None}
    if params["type"] == "AMAZON_DYNAMODB" and not (params.get("dynamodbConfig") and params.get("serviceRoleArn")):
        raise AwsError("BadRequestException", "Data source of type AMAZON_DYNAMODB needs a table and a service role.")
    return params


def _resolver(api: Api, request: Request) -> dict[str, Any]:
    params = {name: request.params[name] for name in _RESOLVER if request.params.get(name) is not None}
    type_name, field_name = params["typeName"], params["fieldName"]
    if field_name not in api.fields.get(type_name, ()):
        raise missing(f"No field named {field_name} found on type {type_name}")
    if params.get("kind", "UNIT") == "UNIT":
        api.data_source(params.get("dataSourceName", ""))
    return {"kind": "UNIT", **params}


def _api_view(api: Api) -> dict[str, Any]:
    host = f"{api.api_id}.appsync-api.{api.region}.amazonaws.com"
    return {
        "name": api.name,
        "apiId": api.api_id,
        "authenticationType": api.params["authenticationType"],
        "arn": api.arn,
        "uris": {"GRAPHQL": f"https://{host}/graphql"},
        "apiType": "GRAPHQL",
        "visibility": "GLOBAL",
        "owner": api.arn.split(":")[4],
        "xrayEnabled": bool(api.params.get("xrayEnabled")),
        "tags": api.params.get("tags", {}),
    }


def _data_source_view(api: Api, source: dict[str, Any]) -> dict[str, Any]:
    return {"dataSourceArn": f"{api.arn}/datasources/{source['name']}", **source}


def _resolver_view(api: Api, resolver: dict[str, Any]) -> dict[str, Any]:
    arn = f"{api.arn}/types/{resolver['typeName']}/resolvers/{resolver['fieldName']}"
    return {"resolverArn": arn, **resolver}

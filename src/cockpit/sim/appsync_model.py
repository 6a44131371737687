"""AppSync's things: GraphQL APIs with their schema, data sources and resolvers."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

_TYPE = re.compile(r"type\s+(\w+)[^{]*\{([^}]*)\}")
_FIELD = re.compile(r"(\w+)\s*(?:\([^)]*\))?\s*:")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(eq=False)
class Api:
    """A GraphQL API. `params` are the members of CreateGraphqlApi, those of data sources and resolvers likewise.

    Attributes:
        fields: names of the fields by type, as the schema has them; empty without a schema.
        resolvers: by type and field.
    """

    api_id: str
    region: str
    name: str
    params: dict[str, Any]
    created_at: datetime
    fields: dict[str, frozenset[str]] = field(default_factory=dict)
    data_sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    resolvers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the API's ARN."""
        return f"arn:aws:appsync:{self.region}:{ACCOUNT}:apis/{self.api_id}"

    def take_schema(self, definition: str) -> None:
        """Replace the schema by another, in GraphQL's schema language."""
        found = _TYPE.findall(re.sub(r"#[^\n]*", "", definition))
        self.fields = {name: frozenset(_FIELD.findall(body)) for name, body in found}

    def data_source(self, name: str) -> dict[str, Any]:
        """Return a data source.

        Raises:
            AwsError: there is none.
        """
        if name not in self.data_sources:
            raise missing(f"No data source named {name} found.")
        return self.data_sources[name]

    def resolver(self, type_name: str, field_name: str) -> dict[str, Any]:
        """Return a resolver.

        Raises:
            AwsError: there is none.
        """
        if (type_name, field_name) not in self.resolvers:
            raise missing("No resolver found.")
        return self.resolvers[type_name, field_name]


class AppSyncModel:
    """Every GraphQL API of the world, by region and id."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.apis: dict[tuple[str, str], Api] = {}
        self._chance = world.random("appsync")

    def create(self, region: str, params: dict[str, Any]) -> Api:
        """Make a GraphQL API. Names may occur twice, as in AWS."""
        api_id = "".join(self._chance.choices(_LETTERS, k=26))
        api = Api(api_id, region, params["name"], params, self.world.now())
        self.apis[region, api_id] = api
        return api

    def api(self, region: str, api_id: str) -> Api:
        """Return an API by id.

        Raises:
            AwsError: there is none.
        """
        if (region, api_id) not in self.apis:
            raise missing(f"GraphQL API {api_id} not found.")
        return self.apis[region, api_id]

    def named(self, region: str, name: str) -> Api | None:
        """Return the latest API of that name; None if there is none."""
        found = [api for (where, _), api in self.apis.items() if (where, api.name) == (region, name)]
        return found[-1] if found else None


def missing(message: str) -> AwsError:
    """Return the error for something that is not there."""
    return AwsError("NotFoundException", message)

"""The kinds of resources that stacks may hold, made by ordinary calls to the other simulated services."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from cockpit.sim.errors import NotSimulated
from cockpit.sim.simulation import REGION

Clients = Callable[[str], Any]
Properties = dict[str, Any]


class ResourceFailed(Exception):
    """A resource could not be made, changed or deleted; the text is what the stack's events say."""


@dataclass(frozen=True, slots=True)
class Physical:
    """A resource that exists: what ``Ref`` and ``Fn::GetAtt`` give."""

    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do with one resource.

    Attributes:
        clients: service → client.
        name: what to call the resource if its properties do not say.
        properties: those wanted; of a resource that is to be deleted, those it has.
        old: those it has now; empty if it is not there yet.
    """

    clients: Clients
    name: str
    properties: Properties
    old: Properties = field(default_factory=dict)
    physical: Physical = Physical("")


class Kind:
    """One kind of resource. `replaced_by` are the properties whose change needs another physical resource."""

    seconds = 5.0
    replaced_by: frozenset[str] = frozenset({"ApiId"})

    def takes(self, properties: Properties) -> float:
        """Return how long making or changing one takes, seconds."""
        del properties
        return self.seconds

    def create(self, work: Work) -> Physical:
        """Make one."""
        raise NotImplementedError

    def update(self, work: Work) -> Physical:
        """Change one in place."""
        raise NotImplementedError

    def delete(self, work: Work) -> None:
        """Delete one."""
        raise NotImplementedError


class _GraphQLApi(Kind):
    seconds = 10.0
    replaced_by = frozenset[str]()

    def create(self, work: Work) -> Physical:
        params = {"name": work.name, **_lower(work.properties)}
        api = work.clients("appsync").create_graphql_api(**params)["graphqlApi"]
        return Physical(api["arn"], {"ApiId": api["apiId"], "Arn": api["arn"], "GraphQLUrl": api["uris"]["GRAPHQL"]})

    def update(self, work: Work) -> Physical:
        params = {"name": work.name, **_lower(work.properties)}
        work.clients("appsync").update_graphql_api(apiId=work.physical.attributes["ApiId"], **params)
        return work.physical

    def delete(self, work: Work) -> None:
        work.clients("appsync").delete_graphql_api(apiId=work.physical.attributes["ApiId"])


class _GraphQLSchema(Kind):
    seconds = 15.0

    def create(self, work: Work) -> Physical:
        api_id, definition = work.properties["ApiId"], str(work.properties["Definition"]).encode()
        work.clients("appsync").start_schema_creation(apiId=api_id, definition=definition)
        return Physical(f"{api_id}GraphQLSchema")

    update = create

    def delete(self, work: Work) -> None:
        """Leave it: it goes with its API."""


class _DataSource(Kind):
    replaced_by = frozenset({"ApiId", "Name"})

    def create(self, work: Work) -> Physical:
        return self._physical(work.clients("appsync").create_data_source(**_lower(work.properties)))

    def update(self, work: Work) -> Physical:
        return self._physical(work.clients("appsync").update_data_source(**_lower(work.properties)))

    def delete(self, work: Work) -> None:
        work.clients("appsync").delete_data_source(apiId=work.properties["ApiId"], name=work.properties["Name"])

    def _physical(self, answer: dict[str, Any]) -> Physical:
        source = answer["dataSource"]
        arn = source["dataSourceArn"]
        return Physical(arn, {"Name": source["name"], "DataSourceArn": arn})


class _Resolver(Kind):
    replaced_by = frozenset({"ApiId", "TypeName", "FieldName"})

    def create(self, work: Work) -> Physical:
        return self._physical(work.clients("appsync").create_resolver(**_lower(work.properties)))

    def update(self, work: Work) -> Physical:
        return self._physical(work.clients("appsync").update_resolver(**_lower(work.properties)))

    def delete(self, work: Work) -> None:
        names = {_api_name(name): work.properties[name] for name in self.replaced_by}
        work.clients("appsync").delete_resolver(**names)

    def _physical(self, answer: dict[str, Any]) -> Physical:
        resolver = answer["resolver"]
        names = {"TypeName": resolver["typeName"], "FieldName": resolver["fieldName"]}
        return Physical(resolver["resolverArn"], {**names, "ResolverArn": resolver["resolverArn"]})


class _Role(Kind):
    seconds = 20.0
    replaced_by = frozenset({"RoleName", "Path"})

    def create(self, work: Work) -> Physical:
        name = str(work.properties.get("RoleName", work.name))
        document = json.dumps(work.properties["AssumeRolePolicyDocument"])
        role = work.clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
        self._put_policies(work, name)
        return Physical(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, work: Work) -> Physical:
        kept = {policy["PolicyName"] for policy in work.properties.get("Policies", [])}
        gone = [policy for policy in work.old.get("Policies", []) if policy["PolicyName"] not in kept]
        self._delete_policies(work, gone)
        self._put_policies(work, work.physical.ref)
        return work.physical

    def delete(self, work: Work) -> None:
        self._delete_policies(work, work.properties.get("Policies", []))
        work.clients("iam").delete_role(RoleName=work.physical.ref)

    def _put_policies(self, work: Work, role: str) -> None:
        for policy in work.properties.get("Policies", []):
            name, document = policy["PolicyName"], json.dumps(policy["PolicyDocument"])
            work.clients("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)

    def _delete_policies(self, work: Work, policies: list[dict[str, Any]]) -> None:
        for policy in policies:
            work.clients("iam").delete_role_policy(RoleName=work.physical.ref, PolicyName=policy["PolicyName"])


class _WaitHandle(Kind):
    seconds = 1.0
    replaced_by = frozenset[str]()

    def create(self, work: Work) -> Physical:
        return Physical(f"https://cloudformation-waitcondition-{REGION}.s3.amazonaws.com/{work.name}")

    def update(self, work: Work) -> Physical:
        return work.physical

    def delete(self, work: Work) -> None:
        """Leave it: there is nothing behind the URL."""


class _WaitCondition(_WaitHandle):
    """Waits for a signal that nobody sends."""

    def takes(self, properties: Properties) -> float:
        return float(properties.get("Timeout", 43200))

    def create(self, work: Work) -> Physical:
        count = work.properties.get("Count", 1)
        raise ResourceFailed(f"WaitCondition timed out. Received 0 conditions when expecting {count}")


KINDS: dict[str, Kind] = {
    "AWS::AppSync::GraphQLApi": _GraphQLApi(),
    "AWS::AppSync::GraphQLSchema": _GraphQLSchema(),
    "AWS::AppSync::DataSource": _DataSource(),
    "AWS::AppSync::Resolver": _Resolver(),
    "AWS::IAM::Role": _Role(),
    "AWS::CloudFormation::WaitConditionHandle": _WaitHandle(),
    "AWS::CloudFormation::WaitCondition": _WaitCondition(),
}


def kind_of(name: str) -> Kind:
    """Return a kind of resource.

    Raises:
        NotSimulated: no such kind is simulated.
    """
    if name not in KINDS:
        raise NotSimulated(f"resources of type {name}")
    return KINDS[name]


T = TypeVar("T")


def attempt(change: Callable[[Work], T], work: Work) -> T:
    """Carry out a change of a resource.

    Raises:
        ResourceFailed: a service refused it; the text says why.
    """
    try:
        return change(work)
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        words = error.response["Error"]["Message"]
        raise ResourceFailed(f'Resource handler returned message: "{words} (Status Code: {status}, {code})"') from None
    except (BotoCoreError, KeyError) as error:
        raise ResourceFailed(f"Properties validation failed: {error}") from None


def _lower(value: Any) -> Any:
    """Return properties with the names that AppSync's API has for them."""
    if isinstance(value, list):
        return [_lower(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {_api_name(name): _lower(each) for name, each in value.items()}


def _api_name(name: str) -> str:
    return "dynamodbConfig" if name == "DynamoDBConfig" else name[:1].lower() + name[1:]

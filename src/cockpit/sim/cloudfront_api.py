"""CloudFront: distributions over buckets, and invalidations that take a while. Distributions are moto's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from moto.cloudfront.models import CloudFrontBackend
from moto.cloudfront.responses import CloudFrontResponse
from moto.s3.models import S3Backend

from cockpit.sim.cloudfront_edge import Edge
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request, add_operations, wrap
from cockpit.sim.simulation import Simulation
from cockpit.sim.story import tell

_TAKES = (40.0, 100.0)  # seconds, as AWS documents it: most invalidations end within a minute or two
_BASE = "https://cloudfront.amazonaws.com/2020-05-31/distribution"


@dataclass(slots=True)
class Invalidation:
    """One invalidation request."""

    id: str
    batch: dict[str, Any]
    created: datetime
    done: bool = False

    def view(self) -> dict[str, Any]:
        """Return it as CloudFront shows it."""
        status = "Completed" if self.done else "InProgress"
        return {"Id": self.id, "Status": status, "CreateTime": self.created, "InvalidationBatch": self.batch}


@dataclass(slots=True)
class Distributions:
    """The edges and invalidations of all distributions, by the distribution's id."""

    simulation: Simulation
    edges: dict[str, Edge] = field(default_factory=dict)
    invalidations: dict[str, list[Invalidation]] = field(default_factory=dict)

    def add(self, distribution: str, origin: str, root: str) -> Edge:
        """Let the edge of a new distribution over a bucket work."""
        edge = Edge(self.simulation, origin.partition(".s3")[0], root)
        edge.open()
        self.edges[distribution], self.invalidations[distribution] = edge, []
        return edge

    def put(self, bucket: str, key: str) -> None:
        """Take note that an object was put: there are visitors all the time."""
        for edge in self.edges.values():
            if edge.bucket == bucket:
                edge.visit(f"/{key}")
                if key == edge.root:
                    edge.visit("/")

    def create(self, request: Request) -> dict[str, Any]:
        """Begin an invalidation; the same request with the same caller reference is the earlier one."""
        distribution, batch = self._known(request), request.params["InvalidationBatch"]
        paths = list(batch["Paths"].get("Items") or [])
        if int(batch["Paths"]["Quantity"]) != len(paths):
            raise AwsError("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
        if not paths or not all(path.startswith("/") for path in paths):
            raise AwsError("InvalidArgument", "Your request contains one or more invalid invalidation paths.")
        wanted = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": batch["CallerReference"]}
        for earlier in self.invalidations[distribution]:
            if earlier.batch["CallerReference"] == wanted["CallerReference"]:
                if earlier.batch != wanted:
                    message = "Caller reference already used with a different invalidation batch."
                    raise AwsError("InvalidationBatchAlreadyExists", message)
                return self._answer(distribution, earlier)
        world = self.simulation.world
        chance = world.random(f"invalidation {distribution} {wanted['CallerReference']}")
        made = Invalidation(_id("I", f"{distribution} {wanted['CallerReference']}"), wanted, world.now())
        self.invalidations[distribution].insert(0, made)
        tell(world, self._story(distribution, made, chance.uniform(*_TAKES)))
        return self._answer(distribution, made)

    def get(self, request: Request) -> dict[str, Any]:
        """Show one invalidation."""
        for each in self.invalidations[self._known(request)]:
            if each.id == request.params["Id"]:
                return {"Invalidation": each.view()}
        raise AwsError("NoSuchInvalidation", "The specified invalidation does not exist.")

    def listed(self, request: Request) -> dict[str, Any]:
        """Show all of a distribution, newest first, on one page."""
        shown = [
            {name: value for name, value in each.view().items() if name != "InvalidationBatch"}
            for each in self.invalidations[self._known(request)]
        ]
        counted = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(shown)}
        return {"InvalidationList": {**counted, **({"Items": shown} if shown else {})}}

    def _story(self, distribution: str, invalidation: Invalidation, seconds: float) -> Iterator[float]:
        yield seconds
        self.edges[distribution].forget(invalidation.batch["Paths"]["Items"])
        invalidation.done = True

    def _known(self, request: Request) -> str:
        distribution = str(request.params["DistributionId"])
        if distribution not in self.edges:
            raise AwsError("NoSuchDistribution", "The specified distribution does not exist.")
        return distribution

    @staticmethod
    def _answer(distribution: str, invalidation: Invalidation) -> dict[str, Any]:
        location = f"{_BASE}/{distribution}/invalidation/{invalidation.id}"
        return {"Location": location, "Invalidation": invalidation.view()}


def install(simulation: Simulation) -> None:
    """Give distributions edges and ids of their own, and invalidations time."""
    model = simulation.parts[Distributions] = Distributions(simulation)

    def create(original: Callable[..., Any], self: CloudFrontBackend, config: dict[str, Any], tags: Any) -> Any:
        origin = str(config["Origins"]["Items"][0]["DomainName"])  # before moto makes objects of its own of them
        made, _, _ = original(self, config, tags)
        del self.distributions[made.distribution_id]
        made.distribution_id = made.id = _id("E", str(config["CallerReference"]))
        made.arn = f"{made.arn.rpartition('/')[0]}/{made.id}"
        made.domain_name = model.add(made.id, origin, str(config.get("DefaultRootObject") or "index.html")).address
        self.distributions[made.id] = made
        return made, made.location, made.etag

    def put(original: Callable[..., Any], self: S3Backend, bucket: str, key: str, *rest: Any, **more: Any) -> Any:
        made = original(self, bucket, key, *rest, **more)
        model.put(bucket, key)
        return made

    wrap(CloudFrontBackend, "create_distribution_with_tags", create)
    wrap(S3Backend, "put_object", put)
    handlers: dict[str, Handler] = {
        "CreateInvalidation": model.create,
        "GetInvalidation": model.get,
        "ListInvalidations": model.listed,
    }
    add_operations(CloudFrontResponse, handlers)
    simulation.truth["distributions"] = lambda _query: {key: edge.to_json() for key, edge in model.edges.items()}


def _id(first: str, what: str) -> str:
    """Return an id that is the same in every story: plans and configurations name it."""
    return first + sha256(what.encode()).hexdigest()[:13].upper()

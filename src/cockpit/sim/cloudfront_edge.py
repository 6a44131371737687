"""CloudFront's edge: what a visitor of a distribution gets. That is what the edge kept, not what is in the bucket."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.s3.models import s3_backends
from pydantic import JsonValue

from cockpit.sim.simulation import Simulation

_DENIED = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'
_CONTENT_TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css"}


@dataclass(frozen=True, slots=True)
class Kept:
    """An object as the edge keeps it: a version of moto's, which a later put replaces and does not change."""

    key: str
    version: Any

    @property
    def body(self) -> bytes:
        """Return its content."""
        return bytes(self.version.value)

    @property
    def content_type(self) -> str:
        """Return the type it was put with; moto learns it only after the put."""
        given = {name.lower(): value for name, value in self.version.metadata.items()}.get("content-type")
        return str(given or _CONTENT_TYPES.get(self.key.rpartition(".")[2], "binary/octet-stream"))

    @property
    def etag(self) -> str:
        """Return its tag, in quotes."""
        return str(self.version.etag)


@dataclass(slots=True)
class Edge:
    """All edges of one distribution, as if they were one: a path is kept from its first visit until it is invalidated.

    There are visitors all the time, so what is put into the bucket is kept at once where nothing was kept before. Times
    to live are not simulated: they are a day by default, longer than any story here.

    Attributes:
        bucket: the origin.
        root: the object that ``/`` stands for.
        address: host and port under which visitors reach it.
    """

    simulation: Simulation
    bucket: str
    root: str
    address: str = ""
    kept: dict[str, Kept] = field(default_factory=dict)

    def open(self) -> None:
        """Let visitors come, on a port of its own."""
        self.address = self.simulation.listen(self._serve)

    def forget(self, patterns: Iterable[str]) -> None:
        """Drop what an invalidation names (``/index.html``, ``/assets/*``); the next visitors come right away."""
        for pattern in patterns:
            beginning = pattern.removesuffix("*")
            for path in list(self.kept):
                if path == pattern or (pattern.endswith("*") and path.startswith(beginning)):
                    del self.kept[path]
                    self.visit(path)

    def visit(self, path: str) -> Kept | None:
        """Return what a visitor gets; None where the origin has nothing and denies."""
        if path not in self.kept:
            found = self._fetch(path)
            if found is None:
                return None
            self.kept[path] = found
        return self.kept[path]

    def to_json(self) -> JsonValue:
        """Return where it listens, and what it keeps."""
        return {"address": self.address, "kept": {path: kept.etag for path, kept in sorted(self.kept.items())}}

    def _fetch(self, path: str) -> Kept | None:
        key = self.root if path == "/" else path.removeprefix("/")
        backend = s3_backends[self.simulation.account]["aws"]
        found = backend.get_object(self.bucket, key) if self.bucket in backend.buckets else None
        return None if found is None else Kept(key, found)

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        world = self.simulation.world
        with world.lock:
            world.catch_up()
            kept = self.visit(str(environ.get("PATH_INFO") or "/"))
        if kept is None:
            size = str(len(_DENIED))
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", size)])
            return [_DENIED]
        headers = [("Content-Type", kept.content_type), ("ETag", kept.etag), ("Content-Length", str(len(kept.body)))]
        start_response("200 OK", [*headers, ("X-Cache", "Hit from cloudfront")])
        return [kept.body]

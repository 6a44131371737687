"""Starts the simulated AWS: builds the simulation, tells its story so far, and serves it on 127.0.0.1."""

import threading
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from cockpit.model.clock import Clock, ScaledClock, SystemClock
from cockpit.sim.fault_book import FaultBook
from cockpit.sim.front import Front
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.moto_time import let_moto_read
from cockpit.sim.own_client import own_clients
from cockpit.sim.services import install_all
from cockpit.sim.simulation import Simulation
from cockpit.sim.world import World


class _QuietHandler(MotoRequestHandler):
    """Leaves `Date` to the front, and says nothing on stderr.

    Every connection serves one request, as werkzeug wants it: after an answer werkzeug reads and discards whatever
    comes next, so on an open connection it would swallow the client's next request, and the client would wait for ever.
    """

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status line alone: the front sets `Date` from the world's clock."""
        self.send_response_only(code, message)

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """Ask for no further request on a connection that is gone, or that a fault has broken."""
        del error, environ
        self.close_connection = True

    def log(self, *_: object) -> None:
        """Say nothing."""


def clock_at(speed: float) -> Clock:
    """Return the machine's clock at speed 1, else one that runs that much faster from now on."""
    return SystemClock() if speed == 1 else ScaledClock(datetime.now(UTC), speed)


def build(clock: Clock, seed: int = 1) -> tuple[Simulation, Front]:
    """Build an empty simulated AWS with every service installed. There is one in a process: a new one ends the old."""
    # Codes that AWS sends but its models do not list (AccessDeniedException …) are no mistake.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"moto\..*")
    moto_api_backend.reset()  # moto keeps what it has for the life of the process
    world = World(clock, seed)
    let_moto_read(world.now)
    simulation = Simulation(world)
    simulation.parts[FaultBook] = FaultBook(world)
    simulation.parts[LostRegions] = LostRegions()
    install_all(simulation)
    front = Front(simulation)
    simulation.client = own_clients(front)
    return simulation, front


def listen(front: Callable[..., Iterable[bytes]], port: int = 0) -> BaseWSGIServer:
    """Bind to a port of 127.0.0.1 (0: any free one) and return the server; `serve_forever` runs it.

    Raises:
        OSError: the port is taken.
    """
    return make_server("127.0.0.1", port, front, threaded=True, request_handler=_QuietHandler)


def listen_beside(application: Callable[..., Iterable[bytes]]) -> str:
    """Serve another application on a free port of its own, in the background; return its address.

    Raises:
        OSError: no port is free.
    """
    server = listen(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.port}"

"""Log lines that simulated programs write, straight into moto's log streams."""

from moto.logs.models import LogEvent, LogStream, logs_backends

from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World


class LogWriter:
    """Writes lines at the world's present moment; makes groups and streams as needed."""

    def __init__(self, world: World) -> None:
        self._world = world

    def write(self, region: str, group: str, stream: str, message: str) -> None:
        """Add one line to a stream."""
        backend = logs_backends[ACCOUNT][region]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        streams = backend.groups[group].streams
        if stream not in streams:
            streams[stream] = LogStream(backend.groups[group], stream)
        now = self._world.now()
        millis = int(now.timestamp() * 1000)
        streams[stream].events.append(LogEvent(millis, {"timestamp": millis, "message": message}))
        streams[stream].last_ingestion_time = now.replace(tzinfo=None)

"""Make the connection of an environment without importing botocore before it is needed."""

from collections.abc import Callable

from cockpit.aws.call_log import CallLog
from cockpit.aws.port import AwsPort
from cockpit.feeds.place import Place
from cockpit.model.clock import Clock


def connector(place: Place, clock: Clock) -> Callable[[CallLog], AwsPort]:
    """Return what makes the connection; botocore is imported when it is called, in the caller's thread."""

    def connect(log: CallLog) -> AwsPort:
        from cockpit.aws.gateway import Gateway  # noqa: PLC0415 - costs a third of a second

        return Gateway(place.profile, clock, account=place.account, regions=place.regions, log=log)

    return connect


def watch_only(place: Place, log: CallLog) -> AwsPort:
    """Return a connection that starts faster and can only read, for one look at everything."""
    from cockpit.aws.watch_only import WatchOnly  # noqa: PLC0415 - only this function needs it

    return WatchOnly(place.profile, log)

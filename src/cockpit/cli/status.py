"""`cockpit status`: alarms, deployments and restores once, in plain text or JSON. Read-only."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cockpit.config.ordinary import OrdinaryPlace
    from cockpit.config.schema import Environment
    from cockpit.feeds.snapshot import Snapshot
    from cockpit.model.clock import Clock

EXIT_UNREAD = 2


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (its shape is in docs/status.md).")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Look here instead; may be repeated.")
@click.option("--env", "name", metavar="NAME", help="Environment of the configuration.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Another cockpit.toml.")
def command(*, as_json: bool, regions: tuple[str, ...], name: str | None, config_file: Path | None) -> None:
    """Print alarms, deployments and restores once; read-only.

    Exit status: 0 all well, 1 something fires or failed, 2 something could not be read (or bad input).
    """
    from cockpit.config.errors import ConfigError
    from cockpit.feeds.verdict import verdict
    from cockpit.model.clock import clock_from

    try:
        clock = clock_from()
        environment, place = _place(name, config_file, regions)
    except (ConfigError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_UNREAD)
    snapshot = _read(place, clock)
    if as_json:
        import json

        from cockpit.feeds.status_json import status_json

        click.echo(json.dumps(status_json(snapshot, environment, place.kind.value, clock.now()), indent=2))
    else:
        from cockpit.feeds.status_text import status_text

        since = place.watch.deployments_since
        click.echo(status_text(snapshot, environment, place.kind.value, clock.now(), since))
    sys.exit(verdict(snapshot))


def _place(
    name: str | None, config_file: Path | None, regions: tuple[str, ...]
) -> "tuple[str, Environment | OrdinaryPlace]":
    """Return where to look. Without a configuration file pydantic is not even imported."""
    from cockpit.config.ordinary import ORDINARY_NAME, OrdinaryPlace, ordinary_place
    from cockpit.config.paths import find_config

    file = find_config(config_file)
    if file is not None:
        from cockpit.config.load import choose_environment, load_config

        chosen, environment = choose_environment(load_config(file), name)
        return chosen, environment.model_copy(update={"regions": regions}) if regions else environment
    if name is not None:
        from cockpit.config.errors import ConfigError

        raise ConfigError(
            f"--env {name}: there is no cockpit.toml to find it in. Write one, or name one with --config."
        )
    return ORDINARY_NAME, OrdinaryPlace(regions=regions) if regions else ordinary_place()


def _read(place: "Environment | OrdinaryPlace", clock: "Clock") -> "Snapshot":
    import asyncio

    from cockpit.aws.call_log import CallLog
    from cockpit.feeds.connect import watch_only
    from cockpit.feeds.sweeps import read_once

    async def once() -> "Snapshot":
        port = watch_only(place, CallLog())
        try:
            return await read_once(port, place, clock)
        finally:
            await port.close()

    return asyncio.run(once())

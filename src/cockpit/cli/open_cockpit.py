"""`cockpit`: open the cockpit on a configured environment."""

import sys
from pathlib import Path

import click


@click.command("open")
@click.option("--env", "name", metavar="NAME", help="Environment of the configuration.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Another cockpit.toml.")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Look here instead; may be repeated.")
def command(*, name: str | None = None, config_file: Path | None = None, regions: tuple[str, ...] = ()) -> None:
    """Open the cockpit. It only reads until a run is armed.

    Without a cockpit.toml it uses the ordinary AWS settings and stays read-only.
    """
    from cockpit.ui.launch import launch
    from cockpit.ui.session import CockpitSession

    def opener() -> CockpitSession:
        from cockpit.ui.opening import open_configured

        return open_configured(config_file, name, regions)

    sys.exit(launch(opener, title=name or "cockpit"))

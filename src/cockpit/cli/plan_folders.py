"""Where plans are looked for: folders named on the command line, the configuration's, the cockpit's own."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from cockpit.config.schema import Config

folders_option: "Callable[[click.decorators.FC], click.decorators.FC]" = click.option(
    "--plans",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A folder with further plans; takes precedence over those that come with the cockpit.",
)


def plan_folders(config: "Config") -> tuple[Path, ...]:
    """Return the configured folders that exist, then the one that comes with the cockpit."""
    from cockpit.config.paths import data_folder

    configured = (Path(folder) for folder in config.plans)
    return (*(folder for folder in configured if folder.is_dir()), data_folder("plans"))


def all_folders(named: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the named folders, then those of the configuration that is found, if there is any.

    Raises:
        click.UsageError: one that is named is no folder, or the configuration is wrong.
    """
    from cockpit.config.errors import ConfigError
    from cockpit.config.load import load_config
    from cockpit.config.paths import data_folder, find_config

    for folder in named:
        if not folder.is_dir():
            raise click.UsageError(f"{folder} is not a folder.")
    if find_config() is None:
        return (*named, data_folder("plans"))
    try:
        return (*named, *plan_folders(load_config()))
    except ConfigError as error:
        raise click.UsageError(str(error)) from error

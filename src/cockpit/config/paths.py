"""The folders and files the cockpit uses, found without reading any of them."""

import os
from collections.abc import Mapping
from pathlib import Path

from cockpit.model.scope import EnvironmentKind

CONFIG_VARIABLE = "COCKPIT_CONFIG"
STATE_VARIABLE = "COCKPIT_STATE_DIR"
CONFIG_NAME = "cockpit.toml"


def data_folder(name: str) -> Path:
    """Return the folder of files that come with the cockpit: ``plans`` or ``scenarios``.

    An installed package carries them under ``_data``; a checkout has them at its top.
    """
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data" / name
    return packaged if packaged.is_dir() else package.parent.parent / name


def state_folder(kind: EnvironmentKind, environ: Mapping[str, str] | None = None) -> Path:
    """Return where runs are kept; rehearsals (demo, drill) live apart from real runs. The folder may not exist yet.

    COCKPIT_STATE_DIR overrides the user's state directory.
    """
    override = (os.environ if environ is None else environ).get(STATE_VARIABLE, "")
    if override:
        base = Path(override).expanduser()
    else:
        from platformdirs import user_state_path  # noqa: PLC0415 - `cockpit status` never needs it

        base = user_state_path("cockpit", appauthor=False)
    return base / "rehearsals" if kind.is_rehearsal else base


def run_folders(environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return every folder of runs on this machine: real ones, rehearsals, and each demo's own."""
    real, rehearsals = state_folder(EnvironmentKind.PRODUCTION, environ), state_folder(EnvironmentKind.DEMO, environ)
    return (real / "runs", rehearsals / "runs", *sorted(rehearsals.glob("demos/*/runs")))


def demo_folder(started: str, environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of runs of one demo: its simulated AWS ends with it, so no other one can take its runs up.

    Args:
        started: what tells this demo from others, for example the time it was started at.
        environ: environment variables; None: the process's.
    """
    return state_folder(EnvironmentKind.DEMO, environ) / "demos" / started / "runs"


def find_config(explicit: Path | None = None, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the configuration file to read; None if there is none.

    In this order: the explicit path, $COCKPIT_CONFIG, ./cockpit.toml, the user's configuration directory. The first two
    are returned even if there is no such file: who names a file wants that one or an error.
    """
    if explicit is not None:
        return explicit
    named = (os.environ if environ is None else environ).get(CONFIG_VARIABLE, "")
    if named:
        return Path(named).expanduser()
    here = Path.cwd() / CONFIG_NAME
    if here.is_file():
        return here
    from platformdirs import user_config_path  # noqa: PLC0415 - not needed when the file is named or here

    users = user_config_path("cockpit", appauthor=False) / CONFIG_NAME
    return users if users.is_file() else None

"""Without a cockpit.toml: one read-only place, from the ordinary AWS settings."""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cockpit.config.errors import ConfigError
from cockpit.model.scope import EnvironmentKind

ORDINARY_NAME = "default"


@dataclass(frozen=True, slots=True)
class OrdinaryWatch:
    """What is watched without a configuration: everything (the defaults of `config.schema.Watch`)."""

    alarms: tuple[str, ...] = ("*",)
    applications: tuple[str, ...] = ()
    deployments_since: timedelta = timedelta(days=1)
    tables: tuple[str, ...] = ()
    every: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class OrdinaryPlace:
    """Where ordinary AWS tools would look. It names no account, so nothing can be changed there.

    Nobody has said how much the place matters, so it counts as production.
    """

    regions: tuple[str, ...]
    profile: str | None = None
    account: None = None
    kind: EnvironmentKind = EnvironmentKind.PRODUCTION
    watch: OrdinaryWatch = field(default_factory=OrdinaryWatch)


def ordinary_place(environ: Mapping[str, str] | None = None) -> OrdinaryPlace:
    """Return the place that AWS_PROFILE, AWS_REGION, AWS_DEFAULT_REGION and the AWS config file name.

    Raises:
        ConfigError: none of them names a region.
    """
    settings = os.environ if environ is None else environ
    region = settings.get("AWS_REGION") or settings.get("AWS_DEFAULT_REGION") or _profile_region(settings)
    if not region:
        raise ConfigError(
            "No cockpit.toml was found, and the ordinary AWS settings name no region. "
            "Set AWS_REGION, or write a cockpit.toml."
        )
    return OrdinaryPlace(regions=(region,))


def _profile_region(settings: Mapping[str, str]) -> str:
    file = Path(settings.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    profile = settings.get("AWS_PROFILE") or settings.get("AWS_DEFAULT_PROFILE") or "default"
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error):
        return ""  # botocore reads the same file later and says what is wrong with it
    for section in (profile, f"profile {profile}", f'profile "{profile}"'):
        if parser.has_option(section, "region"):
            return parser.get(section, "region")
    return ""

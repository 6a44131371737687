"""`cockpit.toml`: environments, what to watch, and the names that plans need."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator

from cockpit.model.scope import EnvironmentKind

Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Watch(_Section):
    """What the panes show. By default everything.

    Attributes:
        alarms: name patterns (``*``, ``?``); alarms that match none are left out.
        applications: CodeDeploy applications; empty means all.
        deployments_since: how far back deployments are shown.
        tables: tables in the restore pane; empty means every table with PITR or a running restore.
        every: pause between sweeps of a pane.
    """

    alarms: tuple[str, ...] = ("*",)
    applications: tuple[str, ...] = ()
    deployments_since: timedelta = timedelta(days=1)
    tables: tuple[str, ...] = ()
    every: timedelta = timedelta(seconds=10)


DESTINATION = r"^([A-Za-z0-9_][A-Za-z0-9_.@:\[\]-]*)?$"
Destination = Annotated[str, StringConstraints(pattern=DESTINATION, max_length=255)]
SshOption = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

_NOT_TO_BE_SET = ("batchmode", "remotecommand", "requesttty", "stricthostkeychecking")


class Host(_Section):
    """A machine that plans run programs on: ``[environments.NAME.hosts.HOST]``.

    It belongs to one environment, so that a run armed for another one cannot reach it.

    Attributes:
        destination: as the system's ``ssh`` takes it (``deploy@app-1``, a name in ``~/.ssh/config``); empty: this one.
        options: further ``ssh`` options by name, as ``ssh_config`` spells them (``Port``, ``IdentityFile``,
            ``ControlMaster``). Host keys are always checked: that cannot be switched off.
        env: environment variables that every program there gets, before the plan's own.
    """

    destination: Destination = ""
    options: dict[SshOption, str] = Field(default_factory=dict)
    env: dict[VariableName, str] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _safe(cls, options: dict[str, str]) -> dict[str, str]:
        if bad := [name for name in options if name.lower() in _NOT_TO_BE_SET]:
            raise ValueError(f"{', '.join(bad)} cannot be set: the cockpit never asks, and always checks host keys")
        return options


class Environment(_Section):
    """One place where the service runs.

    Attributes:
        account: the only account that mutations may reach here; mutations are refused while it is unset.
        regions: regions to watch; the first is where plans run unless told otherwise.
        profile: AWS profile; None uses the ordinary AWS settings.
        names: what plans call ``scope.names``: by system, for example ``names.syncwell.table``.
        hosts: machines that plans run programs on, by the name that a plan's ``host`` gives.
    """

    kind: EnvironmentKind
    account: Account | None = None
    regions: tuple[Region, ...] = Field(min_length=1)
    profile: str | None = None
    watch: Watch = Watch()
    names: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    hosts: dict[str, Host] = Field(default_factory=dict)


class Config(_Section):
    """The whole file.

    Attributes:
        default: environment used when none is named; may be left out if there is only one.
        plans: folders with further plans, searched before the ones that come with the cockpit; as loaded, relative ones
            are beside the file.
    """

    environments: dict[str, Environment] = Field(min_length=1)
    default: str | None = None
    plans: tuple[str, ...] = ()

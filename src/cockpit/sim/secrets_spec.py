"""What a scenario says about who uses secrets: services that log in to a database, and rotation functions."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

RotationStep = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretUser(_Section):
    """An ECS service whose tasks log in to a database with a secret that they read when they start, and never again.

    The secret's value is JSON with ``username`` and ``password``. The database's password is what the secret says at
    `busy_since`; from then on only a rotation function, or somebody at the database, changes it.

    Attributes:
        secret: its name.
        cluster, service: the ECS service, by short names. Its log group is ``/<cluster>/<service>``.
        namespace: of its metrics: Logins and LoginFailures, by SecretVersion and without dimensions.
        busy_since: since when its tasks log in.
        pause: average pause between two logins of one task.
        backend: ARN by which the integration of an HTTP API leads to it; empty for none.
    """

    secret: str
    cluster: str
    service: str
    namespace: str
    busy_since: timedelta = timedelta(hours=-1)
    pause: timedelta = timedelta(seconds=6)
    backend: str = ""


class RotationFunction(_Section):
    """A Lambda function that rotates secrets of database users, as AWS's templates for one user do.

    Attributes:
        function: its name.
        step_takes: how long each of its four steps takes.
        fails_at: the step that fails, every time.
    """

    function: str
    step_takes: timedelta = timedelta(seconds=12)
    fails_at: RotationStep | None = None

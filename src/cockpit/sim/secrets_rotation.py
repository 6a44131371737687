"""Rotation of a database user's password in four steps, as AWS's rotation functions for a single user do it.

A rotation that fails leaves the labels as they are and is tried again from the start; a step finds what an earlier
attempt has done. Whoever cancels it stops it between two steps, wherever it is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.sim.log_writer import LogWriter
from cockpit.sim.secrets_model import CURRENT, PENDING, PREVIOUS, Secret, SecretsModel, SecretVersion, next_rotation
from cockpit.sim.secrets_spec import RotationFunction
from cockpit.sim.story import Story, tell

AGAIN_AFTER = timedelta(minutes=10)
ATTEMPTS = 5
_SAID = {
    "createSecret": "Successfully put secret",
    "setSecret": "Successfully set password for user",
    "testSecret": "Successfully signed into database with AWSPENDING secret",
    "finishSecret": "Successfully set AWSCURRENT stage",
}


@dataclass(eq=False)
class Database:
    """The database behind a secret: it knows one user, and only one password."""

    password: str = ""

    def accepts(self, version: SecretVersion | None) -> bool:
        """Tell whether a login with a version's password would succeed."""
        return version is not None and password_of(version) == self.password != ""


@dataclass(slots=True)
class Rotations:
    """Runs rotations.

    Attributes:
        functions: rotation functions by name, with what is wrong with them; set by the scenario.
        databases: by name of the secret; set by the services that use it.
    """

    model: SecretsModel
    log: LogWriter
    functions: dict[str, RotationFunction] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)

    def start(self, secret: Secret, version_id: str) -> None:
        """Begin to rotate a secret now."""
        version = SecretVersion(version_id, self.model.world.now())
        secret.versions[version_id] = version
        secret.attach(PENDING, version)
        secret.rotating = version_id
        tell(self.model.world, self._rotate(secret, version))

    def schedule(self, secret: Secret) -> None:
        """Let the next rotation begin when its rules say so, if rotation is still on by then."""
        due = next_rotation(secret.rotation.get("RotationRules") or {}, self.model.world.now())
        secret.next_rotation_at = due
        if due is not None:
            self.model.world.at(due, lambda: self._rotate_if_due(secret, due))

    def try_out(self, secret: Secret) -> None:
        """Test a rotation's configuration: a version that is AWSPENDING for a moment (RotateImmediately false)."""
        if secret.holder(PENDING) is None:
            version = SecretVersion(self.model.new_id(), self.model.world.now())
            secret.versions[version.version_id] = version
            secret.attach(PENDING, version)
            tell(self.model.world, self._forget(secret, version))

    def _rotate_if_due(self, secret: Secret, due: datetime) -> None:
        pending, current = secret.holder(PENDING), secret.holder(CURRENT)
        if secret.rotates and secret.next_rotation_at == due and pending in (None, current):
            self.start(secret, self.model.new_id())

    def _rotate(self, secret: Secret, version: SecretVersion) -> Story:
        steps: tuple[tuple[str, Callable[[Secret, SecretVersion], bool]], ...] = (
            ("createSecret", self._create),
            ("setSecret", self._set),
            ("testSecret", self._test),
            ("finishSecret", self._finish),
        )
        for _ in range(ATTEMPTS):
            done, function = 0, self._function(secret)
            for name, step in steps:
                yield function.step_takes.total_seconds()
                if secret.rotating != version.version_id:
                    return  # cancelled
                well = function.fails_at != name and step(secret, version)
                self._say(secret, function.function, name, well=well)
                if not well:
                    break
                done += 1
            if done == len(steps):
                return
            yield AGAIN_AFTER.total_seconds()

    def _say(self, secret: Secret, function: str, step: str, *, well: bool) -> None:
        """Write what AWS's own rotation functions write."""
        words = _SAID[step] if well else "[ERROR] ValueError: it failed"
        self.log.write(secret.region, f"/aws/lambda/{function}", function, f"{step}: {words} for secret {secret.arn}.")

    def _function(self, secret: Secret) -> RotationFunction:
        name = str(secret.rotation.get("RotationLambdaARN", "")).rpartition(":")[2]
        return self.functions.get(name, RotationFunction(function=name))

    def _create(self, secret: Secret, version: SecretVersion) -> bool:
        current = secret.holder(CURRENT)
        if version.value is None and current is not None:
            version.value = with_password(current, self.model.new_password())
        return version.value is not None

    def _set(self, secret: Secret, version: SecretVersion) -> bool:
        """Log in with the new, the current or the previous password, whichever works, and set the new one."""
        database = self.databases.get(secret.name, Database())
        known = (version, secret.holder(CURRENT), secret.holder(PREVIOUS))
        if not any(database.accepts(each) for each in known):
            return False
        database.password = password_of(version)
        return True

    def _test(self, secret: Secret, version: SecretVersion) -> bool:
        return self.databases.get(secret.name, Database()).accepts(version)

    def _finish(self, secret: Secret, version: SecretVersion) -> bool:
        secret.attach(CURRENT, version)
        secret.rotating = ""
        secret.rotated_at = secret.changed_at = self.model.world.now()
        self.schedule(secret)
        return True

    def _forget(self, secret: Secret, version: SecretVersion) -> Story:
        yield self._function(secret).step_takes.total_seconds()
        if version.stages == {PENDING}:
            del secret.versions[version.version_id]


def password_of(version: SecretVersion) -> str:
    """Return the password in a version; empty if there is none."""
    try:
        value = json.loads(version.value or "{}")
    except ValueError:
        return ""
    return str(value.get("password", "")) if isinstance(value, dict) else ""


def with_password(version: SecretVersion, password: str) -> str:
    """Return a version's value with another password in it."""
    return json.dumps({**json.loads(version.value or "{}"), "password": password})

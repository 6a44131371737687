"""The real tools that the PFA plans drive: pm2 pinned by a lock file, the aws command, PostgreSQL as Debian has it."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cockpit-tests"
MISSING = "The tests of the PFA plans need {}: as root run scripts/test_servers.sh, or install it."
READY_WITHIN = 30.0  # seconds


def pm2_folder() -> Path:
    """Return the folder with the pinned `pm2`; installs it once for all runs of the tests."""
    source = HERE / "pm2"
    assert shutil.which("npm"), MISSING.format("npm")
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = CACHE / f"pm2-{digest}"
    with _alone("pm2"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, folder)
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
            (folder / "done").touch()
    return folder / "node_modules" / ".bin"


def aws_folder() -> Path:
    """Return the folder with the `aws` command, installed from the benchmarks' lock into an environment of its own."""
    environment = ROOT / ".venv-bench"
    with _alone("aws"):
        if not (environment / "bin" / "aws").exists():
            run([sys.executable, "-m", "venv", str(environment)])
            pip = [
                str(environment / "bin" / "python"),
                "-m",
                "pip",
                "--quiet",
                "install",
                "--require-hashes",
                "--no-deps",
            ]
            run([*pip, "--requirement", str(ROOT / "requirements-bench.lock")])
    return environment / "bin"


def run(argv: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None, stdin: str = "") -> str:
    """Run a program that must succeed; return what it wrote."""
    done = subprocess.run(argv, cwd=cwd, env=env, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """Keep other processes of the tests out meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Cluster:
    """A PostgreSQL server on 127.0.0.1, without fsync; a context manager that stops it and removes its data.

    Attributes:
        port: where it listens.
        admin: a role that may make databases and end the application's sessions, but is no superuser.
        user: the application's role; owns its database.
        password: of both.
    """

    admin, user, password = "pfa_admin", "pfa", "p/w:x"

    def __init__(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        assert binaries or shutil.which("initdb"), MISSING.format("postgresql")
        self._bin = binaries[-1] if binaries else Path(str(shutil.which("initdb"))).parent
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self._folder, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        self.port = free_port()
        data = str(self._folder / "data")
        initdb = [str(self._bin / "initdb"), "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"]
        run([*self._as_user, *initdb, "--username=super", "--encoding=UTF8", "--locale=C", "-D", data], cwd=Path("/"))
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        ends_with_us = [str(shutil.which("setpriv")), "--pdeathsig=INT"]  # however we end
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*ends_with_us, *self._as_user[1:], str(self._bin / "postgres"), "-D", data, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        self._wait()
        self.super(
            f"create role {self.user} login password '{self.password}';"
            f"create role {self.admin} login createdb password '{self.password}' in role {self.user};"
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        ready = [str(self._bin / "pg_isready"), "-q", "-h", str(self._folder), "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode != 0:
            said = (self._folder / "log").read_text(errors="replace")[-2000:]
            assert self._process.poll() is None, f"PostgreSQL did not start: {said}"
            assert time.monotonic() < deadline, f"PostgreSQL was not ready: {said}"
            time.sleep(0.05)

    def super(self, sql: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, which no plan knows; return the rows, columns parted by ``|``."""
        words = ["-h", str(self._folder), "-p", str(self.port), "-U", "super", "-d", database]
        return run(["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", *words], stdin=sql).strip()

    def databases(self) -> set[str]:
        """Return the names of all databases but the server's own."""
        return set(self.super("select datname from pg_database where not datistemplate").split()) - {"postgres"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)  # at once, whoever is connected
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

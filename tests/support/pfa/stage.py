"""Sets the stage of a PFA scenario: a host with releases, processes, a database, PEMS, and the scenario's own AWS."""

import json
import os
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cockpit.config.schema import Host
from cockpit.sim.process import Simulator
from support.pfa.tools import HERE, Cluster, aws_folder, free_port, pm2_folder, run

APP = HERE / "app"
TOKEN = "T4pfaTOKENmarker2zP"  # noqa: S105 - of the test's own application
BACKEND, WORKER = "pfa-vanguard-backend", "pems-write-sync-worker"
MIGRATION = "20251128000003_phase4_bidirectional_sync_infrastructure"
# Text sorts v3.10.0 before v3.9.0 and release candidates after their release (E-68).
TAGS = ("v3.0.0", "v3.9.0", "v3.10.0-rc.1", "v3.10.0", "v4.0.0-rc.1", "v4.0.0")
_COMMITTER = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@t",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@t",
}


class Pems:
    """The other system. It takes its time to acknowledge a write, which has arrived by then.

    Attributes:
        writes: what has arrived.
        address: where it listens.
    """

    def __init__(self) -> None:
        self.writes: list[dict[str, Any]] = []
        pems = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pems.writes.append(json.loads(body))
                time.sleep(0.2)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


class Vanguard:
    """The application on its host; a context manager that ends its processes.

    Attributes:
        root: the application's folder there: repo, releases, current, shared.
        database: name of its database.
        environ: what programs of its host find in their environment.
        port: where the backend listens.
    """

    def __init__(self, cluster: Cluster, simulator: Simulator | None = None, *, records: int = 12) -> None:
        self.cluster = cluster
        self.root = Path(tempfile.mkdtemp(prefix="pfa-"))
        self.database = f"pfa_{self.root.name.removeprefix('pfa-').lower()}"
        self.port = free_port()
        self.pems = Pems()
        self._home = Path(tempfile.mkdtemp(prefix="pm2-"))
        passwords = self.root / "shared" / "pgpass"
        self.environ = {
            "PATH": f"{pm2_folder()}:{aws_folder()}:{os.environ['PATH']}",
            "PM2_HOME": str(self._home),
            "PFA_ROOT": str(self.root),
            **(simulator.environ if simulator else {}),
        }
        for name in ("repo", "releases", "shared"):
            (self.root / name).mkdir()
        passwords.write_text(
            "".join(
                f"127.0.0.1:{cluster.port}:*:{role}:{cluster.password.replace(':', chr(92) + ':')}\n"
                for role in (cluster.user, cluster.admin)
            )
        )
        passwords.chmod(0o600)
        self._settings(cluster)
        self._repository()
        self._database(records)

    def _settings(self, cluster: Cluster) -> None:
        quoted = cluster.password.replace("/", "%2F").replace(":", "%3A")
        url = f"postgresql://{cluster.user}:{quoted}@127.0.0.1:{cluster.port}/{self.database}?schema=public"
        lines = {
            "DATABASE_URL": f'"{url}"',
            "PORT": str(self.port),
            "API_TOKEN": TOKEN,
            "PEMS_URL": self.pems.address,
        }
        file = self.root / "shared" / ".env"
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        file.chmod(0o600)

    def _repository(self) -> None:
        """Make the repository with its tags; none of them is built."""
        repo = self.root / "repo"
        self.git("init", "--quiet", "--initial-branch=main")
        shutil.copytree(APP / "common", repo, dirs_exist_ok=True)
        for tag in TAGS:
            if tag == "v4.0.0-rc.1":
                shutil.copytree(APP / "v4", repo, dirs_exist_ok=True)
            for file in (repo / "package.json", repo / "backend" / "package.json"):
                known = json.loads(file.read_text())
                file.write_text(json.dumps({**known, "version": tag.removeprefix("v")}, indent=2))
            self.git("add", "--all")
            self.git("commit", "--quiet", "--message", tag)
            self.git("tag", "--annotate", "--message", tag, tag)

    def _database(self, records: int) -> None:
        """Make the database as release 3 left it."""
        self.cluster.super(f'create database "{self.database}" owner {self.cluster.user}')
        self.sql((APP / "schema.sql").read_text())
        organization = "case when n % 2 = 0 then 'org-rio' else 'org-oslo' end"
        some = f"select n, {organization}, 'PFA-' || n, 'Equipment', '2026-01-01'"
        self.sql(f"insert into pfa_records {some} from generate_series(1, {records}) n")

    def git(self, *words: str) -> str:
        """Run git in the repository."""
        return run(["git", *words], cwd=self.root / "repo", env={**os.environ, **_COMMITTER})

    def tool(self, *words: str, cwd: Path | None = None, stdin: str = "") -> str:
        """Run a program as the host's operator would, in the application's folder."""
        return run(list(words), cwd=cwd or self.root, env={**os.environ, **self.environ}, stdin=stdin)

    def sql(self, text: str, database: str | None = None) -> str:
        """Run SQL as the application's role."""
        return self.cluster.super(f"set role {self.cluster.user};\n{text}", database or self.database)

    def build(self, tag: str) -> Path:
        """Build a release beside the others, as the plan expects to find it."""
        folder = self.root / "releases" / tag
        self.git("worktree", "add", "--quiet", "--detach", str(folder), tag)
        for part in (folder, folder / "backend"):
            self.tool("npm", "ci", "--include=dev", "--no-audit", "--no-fund", cwd=part)
            self.tool("npm", "run", "build", cwd=part)
        (folder / "RELEASE").write_text(f"{tag}\n")
        return folder

    def deploy(self, tag: str) -> None:
        """Build and run a release; the first of version 4 brings its migration."""
        if not (self.root / "releases" / tag).exists():
            self.build(tag)
        if tag.startswith("v4") and self.sql("select to_regclass('pfa_write_queue') is null") == "t":
            folder = self.root / "releases" / tag / "backend" / "prisma" / "migrations" / MIGRATION
            self.sql((folder / "migration.sql").read_text())
        self.tool("ln", "-sfn", f"releases/{tag}", "current")
        self.tool("pm2", "start", "ecosystem.config.js", "--env", "production", cwd=self.root / "current")
        self.wait_for(lambda: self.process(BACKEND)["status"] == "online")

    def process(self, name: str) -> dict[str, Any]:
        """Return pid, status and environment of a process of pm2; empty if it knows none of that name."""
        listed = json.loads(self.tool("pm2", "jlist").strip().rpartition("\n")[2])
        for each in listed:
            if each["name"] == name:
                return {"pid": each["pid"], **each["pm2_env"]}
        return {}

    def get(self, path: str, token: str = "") -> tuple[int, str, Any]:
        """Ask the backend; returns status, version header and answer (0 if nobody listens)."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own http address
                return answer.status, answer.headers["X-Version"], json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers["X-Version"], json.load(error)
        except OSError:
            return 0, "", None

    def wait_for(self, happened: Any, seconds: float = 20.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    def host(self) -> Host:
        """Return this machine as cockpit.toml would have it, with the host's own environment."""
        return Host(env=self.environ)

    def names(self, **more: str) -> dict[str, str]:
        """Return what the environment's ``names.pfa`` says of this host."""
        address = f"http://127.0.0.1:{self.port}"
        return {
            "host": "pfa",
            "root": str(self.root),
            "api_url": address,
            "password_file": str(self.root / "shared" / "pgpass"),
            "database_admin": self.cluster.admin,
            **more,
        }

    def stop(self) -> None:
        """End the processes and remove everything."""
        self.tool("pm2", "kill")
        self.pems.stop()
        for name in self.cluster.databases():
            if name.startswith(self.database):
                self.cluster.super(f'drop database "{name}" with (force)')
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

"""A PostgreSQL cluster for one test run: made in a temporary folder, shared by the processes of the run, stopped by its own pid.

It listens on a socket in its folder only. `fsync` is off: tests kill servers, not the machine (see `tests/reliability`).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from tests.patience import PATIENCE

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
_SETTINGS = {
    "fsync": "off", "full_page_writes": "off", "listen_addresses": "", "max_connections": "300", "shared_buffers": "64MB",
    "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "dynamic_shared_memory_type": "mmap",
}  # fmt: skip
_numbers = itertools.count(1)
_PREFIX, _USERS = "passerelle-pg-", "users.json"


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, version 15 or later; None where there is none."""
    found = shutil.which("initdb")
    places = [*PLACES, *([Path(found).resolve().parent] if found else [])]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; `folder` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def make(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def stop(self, mode: str) -> None:
        """`fast` ends the sessions and closes the database, `immediate` is a crash: the next start recovers from the log."""
        self._control("stop", "-m", mode)

    def start(self) -> None:
        """Anew, with the same settings; returns when it takes connections."""
        self._control("start", "-o", shlex.join(_options(self.folder)), "-l", str(self.folder / "restarted.log"))
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        _keep_users(self.folder, pid, [os.getpid()])

    def _control(self, *arguments: str) -> None:
        command = [str(_place() / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *arguments]
        subprocess.run(_as_postgres(command), check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=PATIENCE)

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, *statements: str, database: str = "postgres") -> None:
        async def work() -> None:
            connection = await asyncpg.connect(self.url(database))
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        asyncio.run(work())


@contextlib.contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster for one test, which may stop it and start it again."""
    known = _start()
    cluster = Cluster(Path(known["folder"]))
    _keep_users(cluster.folder, known["pid"], [os.getpid()])
    try:
        yield cluster
    finally:
        _stop(json.loads((cluster.folder / _USERS).read_text()))


@contextlib.contextmanager
def shared_cluster(state: Path) -> Iterator[Cluster]:
    """The cluster that `state` (a file all processes of the run know) names; the first makes it, the last stops it."""
    with _locked(state) as known:
        if not known:
            known |= _start()
        known.setdefault("users", []).append(os.getpid())
        _keep_users(Path(known["folder"]), known["pid"], known["users"])
    try:
        yield Cluster(Path(known["folder"]))
    finally:
        with _locked(state) as known:
            known["users"] = [pid for pid in known["users"] if pid != os.getpid() and _lives(pid)]
            if not known["users"]:
                _stop(known)
                known.clear()


def _keep_users(folder: Path, pid: int, users: list[int]) -> None:
    """Who uses the cluster: when none of them lives, the next test run stops it."""
    (folder / _USERS).write_text(json.dumps({"folder": str(folder), "pid": pid, "users": users}))


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[dict[str, Any]]:
    """What the file says, kept when changed; one process at a time."""
    with state.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = json.loads(file.read() or "{}")
        yield known
        file.truncate(0)
        file.write(json.dumps(known))
        file.flush()


def _start() -> dict[str, Any]:
    _stop_forgotten()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    initdb = [str(_place() / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(_as_postgres(initdb), check=True, capture_output=True, cwd="/")
    server = [str(_place() / "postgres"), "-D", str(data), *_options(folder)]
    with Path(tempfile.gettempdir(), f"{folder.name}.log").open("ab") as log:
        process = subprocess.Popen(_as_postgres(server), stdout=log, stderr=log, cwd="/", start_new_session=True)
    pid = _wait_until_ready(data, folder, process)
    return {"folder": str(folder), "pid": pid}


def _place() -> Path:
    place = programs()
    assert place is not None
    return place


def _options(folder: Path) -> list[str]:
    return ["-k", str(folder), *(part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}"))]


def _stop_forgotten() -> None:
    """Clusters of test runs that were killed: nobody who used them lives."""
    for users in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_USERS}"):
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(users.read_text())
            if not any(_lives(pid) for pid in known["users"]):
                _stop(known)


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _wait_until_ready(data: Path, folder: Path, process: subprocess.Popen[bytes]) -> int:
    """The server's own pid, as its pid file tells it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"PostgreSQL ended at its start; see {folder}.log"
        lines = (data / "postmaster.pid").read_text().splitlines() if (data / "postmaster.pid").exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return int(lines[0])
        time.sleep(0.02)
    raise AssertionError(f"PostgreSQL was not ready within {PATIENCE:.0f} s; see {folder}.log")


def _stop(known: dict[str, Any]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(known["pid"], signal.SIGINT)  # "fast": sessions are ended
        for _ in range(500):
            os.kill(known["pid"], 0)
            time.sleep(0.02)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
    shutil.rmtree(known["folder"], ignore_errors=True)
    Path(f"{known['folder']}.log").unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

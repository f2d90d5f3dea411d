"""A PostgreSQL cluster for one report, durable as one of a hospital would be, in the folder that is measured; stopped by its own pid."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
OLDEST = 15
PATIENCE = 30.0
_OPTIONS = ("listen_addresses=", "shared_buffers=256MB", "fsync=on", "dynamic_shared_memory_type=mmap")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, where it is installed."""
    found = shutil.which("initdb")
    places = [*(place for place in PLACES if int(place.parent.name) >= OLDEST), *([Path(found).resolve().parent] if found else [])]
    return next((place for place in places if all((place / name).exists() for name in ("initdb", "postgres", "createdb", "pg_ctl"))), None)


class Cluster:
    """Runs while the block does; `folder` is made, and holds its data and its socket."""

    def __init__(self, place: Path, folder: Path):
        self._place, self._folder = place, folder

    def __enter__(self) -> Cluster:
        self._folder.mkdir()
        self._folder.parent.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = [part for option in _OPTIONS for part in ("-c", option)]
        with (self._folder.parent / "postgresql.log").open("ab") as log:
            command = self._command("postgres", "-D", data, "-k", str(self._folder), *options)
            self._popen = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "stop", "-m", "fast", "-D", str(self._folder / "data"))
        self._popen.wait(PATIENCE)

    def pids(self) -> list[int]:
        """The server and its sessions now."""
        first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def database(self, name: str) -> str:
        """The URL of a new database."""
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", name)
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(self._command(program, *arguments), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def _command(self, program: str, *arguments: str) -> list[str]:
        """PostgreSQL refuses to run as root."""
        command = [str(self._place / program), *arguments]
        return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command

    def _wait(self) -> None:
        state = self._folder / "data" / "postmaster.pid"
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end and self._popen.poll() is None:
            lines = state.read_text().splitlines() if state.exists() else []
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not become ready; see {self._folder.parent / 'postgresql.log'}")

"""Backups of a PostgreSQL database are made and put back by PostgreSQL's own programs (docs/postgresql.md)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from fhir_server.model.issue import Category, fault


def dump(url: str, target: Path) -> None:
    """Write a dump that `pg_restore` reads; FhirError where `pg_dump` is not there or fails."""
    program = _program("pg_dump", f"run `pg_dump --format=custom --file={target.name} URL` where it is")
    target.touch(mode=0o600)
    address, password = _apart(url)
    _run([program, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", address], password)


def entries(source: Path) -> list[str]:
    """The table of contents of a dump; FhirError where it is none."""
    program = _program("pg_restore", "look at the dump where it is")
    return _run([program, "--list", str(source)]).splitlines()


def _apart(url: str) -> tuple[str, str | None]:
    """The URL without its password, and the password: everybody on the machine may read the arguments of a process."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, None
    login, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login.partition(':')[0]}@{place}")), unquote(parts.password)


def _program(name: str, instead: str) -> str:
    found = shutil.which(name)
    if found is None:
        sentence = f"{name} is not installed here (Debian: postgresql-client); install it, or {instead}."
        raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)
    return found


def _run(command: list[str], password: str | None = None) -> str:
    known = os.environ | ({"PGPASSWORD": password} if password is not None else {})
    done = subprocess.run(  # noqa: S603 - no shell
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=known
    )
    if done.returncode:
        raise fault(Category.STORAGE, "exception", f"{Path(command[0]).name} failed: {done.stderr.strip()[:500]}")
    return done.stdout

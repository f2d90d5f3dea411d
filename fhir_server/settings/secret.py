"""Secrets: they stand in files of their own, and in nothing that other users of the machine see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fhir_server.settings.error import SettingsError
from fhir_server.settings.settings import PREFIX, Settings

SHORTEST_KEY = 32
"""Bytes of the key of the audit trail."""


def require_no_secret(given: Mapping[str, Any]) -> None:
    """Every user of the machine sees the options of a command (`ps`), and a shell keeps them."""
    if holds_password(str(given.get("database") or "")):
        raise SettingsError(
            "database: an option shows its password to every user of this machine. Leave it out of the URL and name its file by "
            f"database_password_file, or give the URL by {PREFIX}DATABASE (from option --database)."
        )


def holds_password(url: str) -> bool:
    """True where a database URL holds a password, in front of the host or behind the question mark."""
    parts = urlsplit(url)
    return bool(parts.password) or any(name.startswith("password") for name, _ in parse_qsl(parts.query))


def provide_password(settings: Settings) -> None:
    """Let this process's connections to PostgreSQL, and `pg_dump`, have the password of its file. Raises SettingsError."""
    if settings.database_password_file is None or not settings.on_postgresql:
        return
    if password := _content("database_password_file", settings.database_password_file).decode().strip():
        os.environ["PGPASSWORD"] = password


def audit_key(settings: Settings) -> bytes | None:
    """What the audit trail is chained with, out of its file. Raises SettingsError."""
    if settings.audit_key_file is None:
        return None
    key = _content("audit_key_file", settings.audit_key_file).strip()
    if len(key) < SHORTEST_KEY:
        sentence = f"{settings.audit_key_file} holds {len(key)} bytes; {SHORTEST_KEY} are needed (openssl rand -hex 32)."
        raise SettingsError(f"audit_key_file: {sentence}")
    return key


def _content(name: str, file: Path) -> bytes:
    """Of the file that the setting of this name names."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{name}: {file} cannot be read: {error.strerror}.") from None

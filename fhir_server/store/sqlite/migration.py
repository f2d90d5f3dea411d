"""Numbered SQL files bring a database of any earlier release up to this one; `PRAGMA user_version` tells where it stands."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from fhir_server.model.issue import Category, fault


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("fhir_server.store.sqlite") / "migrations"
    return sorted((int(item.name[:4]), item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".sql"))


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, each file in a transaction of its own; a database from a later release is refused."""
    known = migrations()
    (current,) = connection.execute("PRAGMA user_version").fetchone()
    if current > known[-1][0]:
        sentence = f"The database has version {current}, made by a later Passerelle; this one knows {known[-1][0]}."
        raise fault(Category.STORAGE, "not-supported", sentence)
    for number, sql in known:
        if number > current:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")

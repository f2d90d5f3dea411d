"""Numbered SQL files bring a database of any earlier release up to this one; `PRAGMA user_version` tells where it stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from fhir_server.model.issue import Category, fault


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("fhir_server.store.sqlite") / "migrations"
    return sorted((int(item.name[:4]), item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".sql"))


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, each file in a transaction of its own; a database from a later release is refused."""
    known = migrations()
    current = _version(connection)
    if current > known[-1][0]:
        sentence = f"The database has version {current}, made by a later Passerelle; this one knows {known[-1][0]}."
        raise fault(Category.STORAGE, "not-supported", sentence)
    for number, sql in known:
        if number > current:
            _apply(connection, number, sql)


def _apply(connection: sqlite3.Connection, number: int, sql: str) -> None:
    """One file, unless another process has applied it while this one waited for the lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < number:
            for statement in _statements(sql):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(sql: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit what is open before it begins."""
    waiting = ""
    for line in sql.splitlines(keepends=True):
        waiting += line
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""

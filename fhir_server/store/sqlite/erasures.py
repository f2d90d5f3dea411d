"""Erasure on SQLite: what is freed is overwritten, then the write-ahead log is emptied.

`secure_delete` is on while something is erased only, for it costs each other write. What was freed before (by updates and deletions of
long ago) may still stand in free pages: VACUUM writes the file anew without them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from fhir_server.store.audit_statements import Statement
from fhir_server.store.audit_trail import Ask
from fhir_server.store.change import Commit
from fhir_server.store.sqlite.connection import connect, in_our_words
from fhir_server.store.sqlite.transaction import WriteTransaction
from fhir_server.store.sqlite.writer import Writer
from fhir_server.store.stored_erasures import StoredErasures

_MERGE_WORDS = "INSERT INTO index_text (index_text) VALUES ('optimize')"
"""The words of what is no longer there stand in the full-text index until its parts are merged."""


def erasures(path: Path, writer: Writer, ask: Ask) -> StoredErasures:
    """`ask` asks in the store's reader threads."""

    async def commit_with(commit: Commit, statements: Sequence[Statement]) -> None:
        await writer.submit(lambda transaction: _erase(transaction, commit, statements))

    async def cleanse(vacuum: bool) -> None:
        await asyncio.to_thread(_cleanse, path, vacuum)

    return StoredErasures(ask, commit_with, cleanse, "instr({column}, ?) > 0")


def _erase(transaction: WriteTransaction, commit: Commit, statements: Sequence[Statement]) -> None:
    connection = transaction.connection
    connection.execute("PRAGMA secure_delete = ON")
    try:
        transaction.apply(commit)
        transaction.flush()
        for sql, values in statements:
            connection.execute(sql, values)
        connection.execute(_MERGE_WORDS)
    finally:
        connection.execute("PRAGMA secure_delete = OFF")


def _cleanse(path: Path, vacuum: bool) -> None:
    try:
        with closing(connect(path)) as connection:
            if vacuum:
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise in_our_words(error) from error

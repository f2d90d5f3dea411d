"""Erasure on PostgreSQL: rows that were replaced stand in its files until VACUUM lets their place be used again."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.store.audit_statements import Statement, numbered
from fhir_server.store.audit_trail import Ask
from fhir_server.store.change import Commit
from fhir_server.store.index_table import INDEX_TABLES
from fhir_server.store.postgresql.connection import WRITER, connect, in_our_words
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.writer import Writer
from fhir_server.store.stored_erasures import StoredErasures

_TABLES = ("version", "resource", "inbox", "outbox", "job", "job_part", "audit", *INDEX_TABLES)


def erasures(url: str, writer: Writer, ask: Ask) -> StoredErasures:
    """`ask` asks over the connections of the store's readers."""

    async def commit_with(commit: Commit, statements: Sequence[Statement]) -> None:
        await writer.submit(lambda transaction: _erase(transaction, commit, statements), commit.changes)

    async def cleanse(vacuum: bool) -> None:
        await _vacuum(url, full=vacuum)

    return StoredErasures(ask, commit_with, cleanse, "position(? in {column}) > 0")


async def _erase(transaction: WriteTransaction, commit: Commit, statements: Sequence[Statement]) -> None:
    await transaction.apply(commit)
    await transaction.flush()
    for sql, values in statements:
        await transaction.connection.execute(numbered(sql), *values)


async def _vacuum(url: str, *, full: bool) -> None:
    """With `full` the tables are written anew, and nobody can use them meanwhile."""
    try:
        connection = await connect(url, {**WRITER, "statement_timeout": "0"})
        try:
            await connection.execute(f"VACUUM {'(FULL)' if full else ''} {', '.join(_TABLES)}")
        finally:
            await connection.close()
    except Exception as error:
        raise in_our_words(error) from error

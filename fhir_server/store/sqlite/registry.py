"""Clients, keys and used assertions in the same file as the resources: reads on the event loop, writes through the store's writer."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

from fhir_server.security.access_token import SigningKey
from fhir_server.security.client import Client
from fhir_server.store.registry import GONE_AT_ONCE, packed, unpacked
from fhir_server.store.sqlite.connection import unreadable
from fhir_server.store.sqlite.writer import Writer

ASK_SECONDS = 0.01
"""A look-up costs as much as the rest of a request's authentication; one in so many requests pays it."""
T = TypeVar("T")
_GONE = "DELETE FROM assertion_seen WHERE digest IN (SELECT digest FROM assertion_seen WHERE expires < ? LIMIT ?)"
_SEEN = "INSERT INTO assertion_seen VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
_RAISE = "UPDATE client_revision SET number = number + 1"


class SqliteRegistry:
    """`revision` is looked up every ASK_SECONDS, so that what another process revoked counts no more by the time its command has ended."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection):
        self._writer = writer
        self._reader = reader
        self._revision = 0
        self._good_until = 0.0

    async def revision(self) -> int:
        now = time.monotonic()
        if now >= self._good_until:
            self._revision = int(self._rows("SELECT number FROM client_revision")[0][0])
            self._good_until = now + ASK_SECONDS
        return self._revision

    async def clients(self) -> list[Client]:
        return [unpacked(row[0]) for row in self._rows("SELECT content FROM client ORDER BY id")]

    async def add(self, client: Client) -> bool:
        return await self._change("INSERT INTO client VALUES (?, ?) ON CONFLICT (id) DO NOTHING", client.id, packed(client))

    async def replace(self, client: Client) -> None:
        await self._change("UPDATE client SET content = ? WHERE id = ?", packed(client), client.id)

    async def first_use(self, digest: bytes, expires: int, now: int) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            connection.execute(_GONE, (now, GONE_AT_ONCE))
            return connection.execute(_SEEN, (digest, expires)).rowcount > 0

        return await self._write(work)

    async def signing_keys(self) -> list[SigningKey]:
        return [SigningKey(*row) for row in self._rows("SELECT kid, private, created FROM signing_key ORDER BY created, kid")]

    async def add_signing_key(self, key: SigningKey, gone: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM signing_key WHERE created < ?", (gone,))
            connection.execute("INSERT INTO signing_key VALUES (?, ?, ?)", (key.kid, key.private, key.created))

        await self._write(work)

    async def _change(self, sql: str, *values: Any) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            connection.execute(_RAISE)
            return connection.execute(sql, values).rowcount > 0

        try:
            return await self._write(work)
        finally:
            self._good_until = 0.0

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._writer.submit(lambda transaction: work(transaction.connection))

    def _rows(self, sql: str) -> list[Any]:
        try:
            return self._reader.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise unreadable(error) from error

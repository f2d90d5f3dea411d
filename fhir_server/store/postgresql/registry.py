"""Clients, keys and used assertions in the same database as the resources, over a connection of their own that also listens."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from fhir_server.security.access_token import SigningKey
from fhir_server.security.client import Client
from fhir_server.store.postgresql.connection import WRITER, Connection, connect, in_our_words
from fhir_server.store.registry import GONE_AT_ONCE, packed, unpacked

CHANNEL = "passerelle_clients"
ASK_SECONDS = 2.0
"""A notice that was lost is made good for within this time."""
_RAISE = f"WITH raised AS (UPDATE client_revision SET number = number + 1 RETURNING pg_notify('{CHANNEL}', ''))"
_ADD = f"""{_RAISE}, kept AS (INSERT INTO client VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id)
SELECT (SELECT count(*) FROM raised) AS told, (SELECT count(*) FROM kept) AS kept"""
_REPLACE = f"""{_RAISE}, kept AS (UPDATE client SET content = $2 WHERE id = $1 RETURNING id)
SELECT (SELECT count(*) FROM raised) AS told, (SELECT count(*) FROM kept) AS kept"""
_GONE = """DELETE FROM assertion_seen WHERE digest = ANY (ARRAY(
    SELECT digest FROM assertion_seen WHERE expires < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))"""
_SEEN = "INSERT INTO assertion_seen VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING RETURNING 1"


class PostgresqlRegistry:
    """`revision` is asked of the database again once it told of a change, and every ASK_SECONDS; and always where it cannot tell."""

    def __init__(self, url: str):
        self._url = url
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._revision = 0
        self._good_until = 0.0

    async def revision(self) -> int:
        if time.monotonic() >= self._good_until or self._connection is None or self._connection.is_closed():
            asked = time.monotonic()
            self._good_until = asked + ASK_SECONDS  # before the question: a notice that comes meanwhile takes it back
            try:
                self._revision = int((await self._fetch("SELECT number FROM client_revision"))[0][0])
            except BaseException:
                self._good_until = 0.0
                raise
        return self._revision

    async def clients(self) -> list[Client]:
        return [unpacked(row[0]) for row in await self._fetch("SELECT content FROM client ORDER BY id")]

    async def add(self, client: Client) -> bool:
        return int((await self._fetch(_ADD, client.id, packed(client)))[0]["kept"]) > 0

    async def replace(self, client: Client) -> None:
        await self._fetch(_REPLACE, client.id, packed(client))

    async def first_use(self, digest: bytes, expires: int, now: int) -> bool:
        await self._fetch(_GONE, now, GONE_AT_ONCE)
        return bool(await self._fetch(_SEEN, digest, expires))

    async def signing_keys(self) -> list[SigningKey]:
        return [SigningKey(*row) for row in await self._fetch("SELECT kid, private, created FROM signing_key ORDER BY created, kid")]

    async def add_signing_key(self, key: SigningKey, gone: int) -> None:
        await self._fetch("DELETE FROM signing_key WHERE created < $1", gone)
        await self._fetch("INSERT INTO signing_key VALUES ($1, $2, $3)", key.kid, key.private, key.created)

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close()

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        try:
            async with self._turn:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._listening()
                rows: list[Any] = await self._connection.fetch(sql, *values)
                return rows
        except Exception as error:
            raise in_our_words(error) from error

    async def _listening(self) -> Connection:
        connection = await connect(self._url, WRITER)
        try:
            await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _hear(self, *_: Any) -> None:
        self._good_until = 0.0

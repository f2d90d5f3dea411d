"""Erasure on the tables of a store: what both stores do the same way, given how each asks, commits and cleans up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from typing import Any

from fhir_server.store.audit_statements import Statement
from fhir_server.store.audit_trail import Ask
from fhir_server.store.change import Commit, Deletion
from fhir_server.store.erasure import ERASED_MESSAGE, Erasure, ErasureOrder, Key

RANGE = 5_000
"""So many numbers of the change sequence, or of the outbox, are looked through by one statement."""

_NEWEST = "SELECT coalesce(max(seq), 0) FROM version"
_OF = "SELECT erased, ordered_by FROM erasure WHERE type = ? AND id = ?"
_CONTENT = "UPDATE version SET content = NULL WHERE pk = (SELECT pk FROM resource WHERE type = ? AND id = ?) AND version = ?"
_RECORD = """INSERT INTO erasure (type, id, erased, ordered_by) VALUES (?, ?, ?, ?)
ON CONFLICT (type, id) DO UPDATE SET erased = excluded.erased, ordered_by = excluded.ordered_by"""
_MESSAGE = "UPDATE inbox SET raw = ?, note = ? WHERE number = ?"
_SENT = "UPDATE outbox SET body = ?, note = ?, status = CASE status WHEN 'waiting' THEN 'dead' ELSE status END, owner = '' WHERE"
_NEWEST_SENT = "SELECT coalesce(max(number), 0) FROM outbox"
_ABOUT = "SELECT number, about FROM outbox WHERE number > ? AND number <= ? AND about <> '' ORDER BY number"
_JOBS: tuple[Statement, ...] = (("DELETE FROM job_part", ()), ("DELETE FROM job", ()))

CommitWith = Callable[[Commit, Sequence[Statement]], Awaitable[None]]
"""Commit, and carry out statements behind it in the same transaction."""


class StoredErasures:
    """`holds` is the SQL for "this column holds these bytes", with `{column}`."""

    def __init__(self, ask: Ask, commit_with: CommitWith, cleanse: Callable[[bool], Awaitable[None]], holds: str):
        self._ask, self._commit_with, self._cleanse, self._holds = ask, commit_with, cleanse, holds

    async def versions_with(self, text: bytes) -> AsyncIterator[Key]:
        """Versions whose content holds the bytes."""
        holds = self._holds.format(column="content")
        sql = f"SELECT type, id, version FROM version WHERE seq > ? AND seq <= ? AND {holds} ORDER BY seq"
        for after in await self._ranges(_NEWEST):
            for type_name, id_, version in await self._ask(sql, (after, after + RANGE, text)):
                yield type_name, id_, version

    async def messages_with(self, texts: Sequence[bytes]) -> AsyncIterator[tuple[int, bytes]]:
        """Messages of the inbox that hold one of the texts."""
        holds = self._holds.format(column="raw")
        for text in texts:
            for number, raw in await self._ask(f"SELECT number, raw FROM inbox WHERE {holds} ORDER BY number", (text,)):
                yield number, bytes(raw)

    async def sent_with(self, texts: Sequence[bytes]) -> AsyncIterator[tuple[int, str, bytes]]:
        """Messages of the outbox that hold one of the texts."""
        holds = self._holds.format(column="body")
        sql = f"SELECT number, lane, body FROM outbox WHERE number > ? AND number <= ? AND {holds} ORDER BY number"
        for after in await self._ranges(_NEWEST_SENT):
            for text in texts:
                for number, lane, body in await self._ask(sql, (after, after + RANGE, text)):
                    yield number, lane, bytes(body)

    async def sent_about(self, resources: Collection[str]) -> AsyncIterator[int]:
        """Messages of the outbox that one of the resources tells of."""
        for after in await self._ranges(_NEWEST_SENT):
            for number, about in await self._ask(_ABOUT, (after, after + RANGE)):
                if about in resources:
                    yield number

    async def _ranges(self, newest_of: str) -> range:
        """Where each range of numbers begins, up to the newest."""
        ((newest,),) = await self._ask(newest_of, ())
        return range(0, newest, RANGE)

    async def erase(self, order: ErasureOrder) -> None:
        """In one transaction."""
        ends = [Deletion(one.type, one.id) for one in order.resources if one.ends]
        await self._commit_with(Commit(list(ends), audit=(order.entry,)), [*_statements(order), *_JOBS])

    async def of(self, type_name: str, id_: str) -> Erasure | None:
        """The newest erasure of a resource."""
        return next((Erasure(*row) for row in await self._ask(_OF, (type_name, id_))), None)

    async def cleanse(self, *, vacuum: bool) -> None:
        """What erasing left in the database's files."""
        await self._cleanse(vacuum)


def _statements(order: ErasureOrder) -> Iterator[tuple[str, Sequence[Any]]]:
    erasure = order.erasure
    for one in order.resources:
        for version in one.versions:
            yield _CONTENT, (one.type, one.id, version)
        yield _RECORD, (one.type, one.id, erasure.erased, erasure.ordered_by)
        if one.type == "Patient" and one.ends:
            yield f"{_SENT} lane = ?", (b"", ERASED_MESSAGE, f"Patient/{one.id}")
    for number in order.sent:
        yield f"{_SENT} number = ?", (b"", ERASED_MESSAGE, number)
    for number in order.messages:
        yield _MESSAGE, (b"", ERASED_MESSAGE, number)

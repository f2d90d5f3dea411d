"""The audit trail of a store: what both stores do the same way, given how each asks and writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote_plus

import msgspec

from fhir_server.store import audit_statements as statements
from fhir_server.store.audit import AuditEntry, AuditFault, AuditPage, AuditRecord, AuditSearch, ChainHead, Position, Verification
from fhir_server.store.audit_chain import Chain, Row, Sealed, checkpoint_seal, column, seal
from fhir_server.store.audit_gathering import Gathering
from fhir_server.store.audit_verification import ENTRY_COLUMNS, ChainCheck, ChainRow

LOOKED_AT = 20_000
"""So many entries are looked at for a page at most, where what is asked has no index."""

_AT_ONCE = 1_000
_ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM audit WHERE chain = ? AND number > ? AND number <= ? ORDER BY number LIMIT {_AT_ONCE}"
_READ = f"SELECT {statements.READ_COLUMNS}, a.recorded FROM audit a WHERE a.chain = ? AND a.number = ?"
_decode = msgspec.json.Decoder(AuditEntry).decode


class Ask(Protocol):
    async def __call__(self, sql: str, values: Sequence[Any]) -> list[Row]: ...


Execute = Callable[[Sequence[statements.Statement]], Awaitable[int]]
"""In one turn of the writer; how many rows were changed."""


class StoredAuditTrail:
    """`AuditTrail` on the tables audit, audit_patient and audit_chain."""

    def __init__(self, chain: Chain, write: Callable[[Sequence[Sealed]], Awaitable[None]], ask: Ask, execute: Execute):
        self.chain = chain
        self._gathering = Gathering(write)
        self._ask, self._execute = ask, execute

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Durable when it returns."""
        await self._gathering.record([seal(entry) for entry in entries])

    async def read(self, chain: int, number: int) -> AuditRecord | None:
        """One entry."""
        return next((_record(row) for row in await self._ask(_READ, (chain, number))), None)

    async def page(self, search: AuditSearch, count: int, after: Position | None = None) -> AuditPage:
        """At most `count` entries behind `after`; fewer, with a next page, where LOOKED_AT others were looked at."""
        if search.patient is not None:
            await self.index_patients()
        found: list[AuditRecord] = []
        looked_at = 0
        while looked_at < LOOKED_AT:
            limit = count + 1 if search.keeps is None else _AT_ONCE
            rows = await self._ask(*statements.page(search, limit, after))
            for row in rows:
                record = _record(row)
                if search.keeps is None or search.keeps(record.entry):
                    if len(found) == count:
                        return AuditPage(tuple(found), after)
                    found.append(record)
                after = (row[-1], record.chain, record.number)
            if len(rows) < limit:
                return AuditPage(tuple(found), None)
            looked_at += len(rows)
        return AuditPage(tuple(found), after)

    async def of_person(self, patient: str, count: int, after: Position | None = None) -> AuditPage:
        """Who saw or changed what of the person."""
        return await self.page(AuditSearch(patient=column(patient)), count, after)

    async def heads(self) -> list[ChainHead]:
        """Of every chain, the oldest first."""
        return [row.head for row in await self._chains()]

    async def verify(self, kept: Sequence[ChainHead] = ()) -> Verification:
        """Every link of every chain. What is written meanwhile is behind the heads that are looked at, and left out."""
        chains = await self._chains()
        patients: dict[int, int] = dict(await self._ask(statements.PATIENT_ROWS, ()))
        watched = _watched(chains, kept)
        checks = [await self._checked(row, watched.get(row.chain, [])) for row in chains]
        faults = [*_missing(chains, watched), *(fault for check in checks for fault in check.faults)]
        for row, check in zip(chains, checks, strict=True):
            if (rows := patients.get(row.chain, 0)) < check.patients:
                faults.append(AuditFault(row.chain, row.number, f"{check.patients - rows} rows of audit_patient are missing"))
        entries, erased = sum(check.entries for check in checks), sum(check.erased for check in checks)
        return Verification(len(chains), entries, erased, tuple(faults))

    async def forget(self, patient: str, words: Sequence[str] = ()) -> int:
        """Erase the texts of searches that touched the person or hold one of the words."""
        await self.index_patients()
        named = [one async for one in self._naming([word.casefold() for word in words])] if words else []
        changes = [(statements.FORGET_PATIENT, (column(patient),)), *((statements.FORGET_ONE, one) for one in named)]
        return await self._execute(changes)

    async def let_go(self, before: int) -> int:
        """Remove what was recorded before that time, up to the first entry of each chain that was not."""
        removed = 0
        for row in await self._chains():
            number, last = await self._checkpoint(row, before)
            if number > row.first and (self.chain.key or not row.keyed):  # without the key there is no seal to leave
                seal_ = checkpoint_seal(self.chain.key if row.keyed else None, row.chain, number, last)
                await self._execute(
                    [
                        (statements.REMOVE, (row.chain, number)),
                        (statements.REMOVE_PATIENTS, (row.chain, number)),
                        (statements.CHECKPOINT, (number, last, seal_, row.chain)),
                    ]
                )
                removed += number - row.first
        return removed

    async def index_patients(self) -> None:
        """Enter the persons whose data entries concern, for all entries that are there: in bulk and in order, for the rows of sixteen
        persons lie on sixteen pages, and each read would have to write one. Two that do it at once do the same.
        """
        for chain, indexed, last in await self._ask(statements.NOT_INDEXED, ()):
            number = indexed
            while bodies := await self._ask(statements.BODIES, (chain, number, last, _AT_ONCE)):
                number = bodies[-1][0]
                rows = sorted(row for one, body in bodies for row in _patients(chain, one, _decode(body)))
                await self._execute([*statements.patient_rows(rows), (statements.INDEXED, (number, chain, number))])

    async def _chains(self) -> list[ChainRow]:
        return [ChainRow(*row) for row in await self._ask(statements.CHAINS, ())]

    async def _checked(self, row: ChainRow, watched: Sequence[tuple[int, bytes, str]]) -> ChainCheck:
        check = ChainCheck(row, self.chain.key, watched)
        number = row.first
        while rows := await self._ask(_ENTRIES, (row.chain, number, row.number)):
            for one in rows:
                check.take(one)
            number = rows[-1][0]
        check.end(await self._behind_the_head(row.chain))
        return check

    async def _behind_the_head(self, chain: int) -> int:
        """How many entries there are that no head tells of. Asked in this order, what is being written counts for nothing."""
        ((last,),) = await self._ask(statements.LAST_NUMBER, (chain,))
        heads = await self._ask(statements.HEAD, (chain,))
        return max(0, last - heads[0][0]) if heads else 0

    async def _naming(self, words: Sequence[str]) -> AsyncIterator[tuple[int, int]]:
        """(chain, number) of entries whose query text holds one of the words."""
        for row in await self._chains():
            number = row.first
            while rows := await self._ask(statements.QUERIES, (row.chain, number, _AT_ONCE)):
                for chain, one, query in rows:
                    text = unquote_plus(bytes(query).decode("utf-8", "replace")).casefold()  # as it was sent, or decoded already
                    if any(word in text for word in words):
                        yield chain, one
                number = rows[-1][1]

    async def _checkpoint(self, row: ChainRow, before: int) -> tuple[int, bytes]:
        """The last entry that goes, and its link."""
        stays = await self._ask(statements.OLD, (row.chain, row.first, before))
        number = stays[0][0] - 1 if stays else row.number
        return number, next((one[0] for one in await self._ask(statements.LINK, (row.chain, number))), row.hash)


def _patients(chain: int, number: int, entry: AuditEntry) -> list[tuple[str, int, int, int]]:
    return [(patient, entry.recorded, chain, number) for patient in {column(one) for one in entry.patients}]


def _record(row: Row) -> AuditRecord:
    chain, number, body, query, query_digest, hash_, _ = row
    entry = _decode(body)
    if query is not None:
        entry = msgspec.structs.replace(entry, query=bytes(query).decode("utf-8", "replace"))
    return AuditRecord(chain, number, entry, bytes(hash_), query_digest is not None and query is None)


def _watched(chains: Iterable[ChainRow], kept: Iterable[ChainHead]) -> dict[int, list[tuple[int, bytes, str]]]:
    """By chain: links that a later chain was begun with, or that were kept elsewhere."""
    found: dict[int, list[tuple[int, bytes, str]]] = {}
    for row in chains:
        if row.parent is not None:
            says = f"chain {row.chain:x} was begun behind this entry, which is not what it was"
            found.setdefault(row.parent, []).append((row.parent_number, row.parent_hash, says))
    for head in kept:
        found.setdefault(head.chain, []).append((head.number, head.hash, "the head that was kept elsewhere says otherwise"))
    return found


def _missing(chains: Sequence[ChainRow], watched: dict[int, list[tuple[int, bytes, str]]]) -> list[AuditFault]:
    there = {row.chain for row in chains}
    return [AuditFault(chain, 0, "the whole chain is missing") for chain in watched if chain not in there]

"""Batch and transaction (https://hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fhir_server.interactions.conditional import ConditionalSearch
from fhir_server.interactions.entry import Entry, in_entry, read_entries, refused, shown, written
from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.preparation import Preparation
from fhir_server.interactions.searchset import searchset
from fhir_server.interactions.transaction import Transaction
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.store.change import InboxSettlement, StaleCondition

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

ATTEMPTS = 20
AT_ONCE = 64
"""How many entries of a batch are under way together; their writes share commits."""


class BundleInteractions:
    """What a server does with a Bundle that is posted to its base."""

    def __init__(self, interactions: Interactions, preparation: Preparation, conditional: ConditionalSearch):
        self._interactions = interactions
        self._preparation = preparation
        self._conditional = conditional

    async def transaction(self, bundle: Resource, settles: InboxSettlement | None = None, *, representation: bool = False) -> Resource:
        """All or nothing. Reads (GET) see what the transaction wrote."""
        transaction = Transaction(read_entries(_checked(bundle, "transaction")), self._preparation, self._conditional)
        results = await self._commit(transaction, settles)
        entries = [await self._answer(entry, results.get(id(entry)), representation) for entry in transaction.entries]
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}

    async def _commit(self, transaction: Transaction, settles: InboxSettlement | None) -> dict[int, Outcome]:
        store = self._interactions.store
        for _ in range(ATTEMPTS):
            commit = await transaction.make_ready(settles)
            try:
                results = await self._interactions.commit(commit)
            except StaleCondition:
                continue
            found = [(entry, await store.read(entry.type, id_)) for entry, id_ in transaction.matched()]
            return transaction.outcomes(results) | {id(entry): Outcome("matched", stored) for entry, stored in found}
        raise fault(Category.CONFLICT, "conflict", "Others kept changing what this transaction depends on; nothing was stored. Try again.")

    async def _answer(self, entry: Entry, outcome: Outcome | None, representation: bool) -> dict[str, Any]:
        if not entry.writes:
            return await self._read(entry)
        assert outcome is not None, "every entry that writes has an outcome"
        return written(outcome, representation)

    async def batch(self, bundle: Resource, *, representation: bool = False) -> Resource:
        """Each entry stands alone; a failed one says so in its response and leaves the others be."""
        entries = read_entries(_checked(bundle, "batch"))
        turn = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._alone(entry, turn, representation) for entry in entries))
        return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}

    async def _alone(self, entry: Entry, turn: asyncio.Semaphore, representation: bool) -> dict[str, Any]:
        async with turn:
            try:
                return await self._perform(entry, representation)
            except FhirError as error:
                return refused(in_entry(error, entry))

    async def _perform(self, entry: Entry, representation: bool) -> dict[str, Any]:
        if not entry.writes:
            return await self._read(entry)
        if entry.method == "POST" and entry.id is None and entry.resource is not None:
            outcome = await self._interactions.create(entry.type, entry.resource, entry.if_none_exist)
        elif entry.method == "PUT" and entry.id and entry.resource is not None:
            outcome = await self._interactions.update(entry.type, entry.id, entry.resource, entry.if_match)
        elif entry.method == "DELETE" and entry.id:
            outcome = await self._interactions.delete(entry.type, entry.id, entry.if_match)
        else:
            sentence = f"{entry.method} {entry.url[:200]} is not supported in a batch."
            raise fault(Category.NOT_SUPPORTED, "not-supported", sentence, f"{entry.place}.request")
        return written(outcome, representation)

    async def _read(self, entry: Entry) -> dict[str, Any]:
        """GET of an instance, a version or a search."""
        if entry.id is None:
            result = await self._interactions.search(entry.type, parse_qsl(entry.search or "", keep_blank_values=True))
            return shown(searchset(result))
        id_, _, version = entry.id.partition("/_history/")
        stored = await (self._interactions.vread(entry.type, id_, version) if version else self._interactions.read(entry.type, id_))
        return shown(decode_json(stored.content or b"null"), stored)


def _checked(bundle: Resource, kind: str) -> Resource:
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != kind:
        sentence = f"The body must be a Bundle of type {kind}; this is a {bundle.get('resourceType')} of type {bundle.get('type')!r}."
        raise fault(Category.MALFORMED, "value", sentence, "Bundle.type")
    return bundle

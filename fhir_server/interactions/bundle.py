"""Batch and transaction (https://hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fhir_server.interactions.conditional import ATTEMPTS, ConditionalSearch, too_busy
from fhir_server.interactions.entry import Entry, Returns, in_entry, read_entries, refused, together
from fhir_server.interactions.entry_read import Allowance, Asks, EntryReads
from fhir_server.interactions.identity import checked_id
from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.preparation import Preparation
from fhir_server.interactions.searching import Searching
from fhir_server.interactions.transaction import Transaction
from fhir_server.interactions.turns import beside, in_turns, is_large
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.language import DEFAULT
from fhir_server.patch import patch_of_entry
from fhir_server.store.change import NOTHING_ALONG, Along, Commit, Result, StaleCondition

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

AT_ONCE = 64
"""How many entries of a batch are under way together; their writes share commits."""

ANSWER_BYTES = 128 * 2**20
"""The reads of one bundle give back no more, lest a small batch of large searches fill the memory."""


class BundleInteractions:
    """What a server does with a Bundle that is posted to its base."""

    def __init__(self, interactions: Interactions, preparation: Preparation, conditional: ConditionalSearch, searching: Searching):
        self._interactions = interactions
        self._reads = EntryReads(interactions, searching)
        self._preparation = preparation
        self._conditional = conditional

    async def transaction(
        self, bundle: Resource, along: Along = NOTHING_ALONG, *, returns: Returns = None, asks: Asks | None = None,
        language: str = DEFAULT, absent: bool = False,
    ) -> Resource:  # fmt: skip
        """All or nothing. Reads (GET) see what the transaction wrote; one that finds nothing says so in its own response."""
        entries = await _entries(bundle, "transaction")
        transaction = Transaction(
            entries, self._interactions, self._preparation, self._conditional, lambda entry: self._reads.check(entry, asks), absent=absent
        )
        results = await self._commit(transaction, along)
        allowance = Allowance(ANSWER_BYTES)
        answers = []
        async for entry in in_turns(entries):
            outcomes = results.get(id(entry))
            answers.append(together(outcomes, returns) if outcomes else await self._read(entry, allowance, asks, language))
        return _response("transaction-response", answers)

    async def _commit(self, transaction: Transaction, along: Along) -> dict[int, list[Outcome]]:
        store = self._interactions.store
        for _ in range(1 if transaction.absent else ATTEMPTS):
            try:
                results = await self._try(transaction, await transaction.make_ready(along))
            except StaleCondition:
                continue
            found = [(entry, await store.read(entry.type, id_)) for entry, id_ in transaction.matched()]
            return transaction.outcomes(results) | {id(entry): [Outcome("matched", stored)] for entry, stored in found}
        raise too_busy()

    async def _try(self, transaction: Transaction, commit: Commit) -> list[Result]:
        try:
            return await self._interactions.commit(commit)
        except FhirError as error:
            raise transaction.refused(error) from None

    async def batch(self, bundle: Resource, *, returns: Returns = None, asks: Asks | None = None, language: str = DEFAULT) -> Resource:
        """Each entry stands alone; a failed one says so in its response and leaves the others be."""
        entries = await _entries(bundle, "batch")
        answers: list[dict[str, Any]] = [{}] * len(entries)
        waiting, allowance = iter(enumerate(entries)), Allowance(ANSWER_BYTES)

        async def work() -> None:
            async for position, entry in in_turns(waiting, every=1):
                answering = self._write(entry, returns, language) if entry.writes else self._read(entry, allowance, asks, language)
                answers[position] = await answering

        await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(entries)))))
        return _response("batch-response", answers)

    async def _write(self, entry: Entry, returns: Returns, language: str) -> dict[str, Any]:
        try:
            outcomes = await self._perform(entry)
        except FhirError as error:
            return refused(in_entry(error, entry), language)
        return together(outcomes, returns)

    async def _read(self, entry: Entry, allowance: Allowance, asks: Asks | None, language: str) -> dict[str, Any]:
        try:
            return await self._reads.answer(entry, allowance, asks)
        except FhirError as error:
            return refused(in_entry(error, entry), language)

    async def _perform(self, entry: Entry) -> list[Outcome]:
        if entry.id is not None and entry.method != "POST":
            return [await self._on_instance(entry, checked_id(entry.id))]
        if entry.method == "POST" and entry.id is None:
            return [await self._interactions.create(entry.type, entry.resource or {}, entry.if_none_exist)]
        if entry.search is not None and entry.method != "POST":
            return await self._on_match(entry, entry.search)
        sentence = f"{entry.method} {entry.url[:200]} is not supported in a batch."
        raise fault(Category.NOT_SUPPORTED, "not-supported", sentence, f"{entry.place}.request")

    async def _on_instance(self, entry: Entry, id_: str) -> Outcome:
        server, resource = self._interactions, entry.resource or {}
        if entry.method == "PUT":
            return await server.update(entry.type, id_, resource, entry.if_match, entry.if_none_match)
        if entry.method == "PATCH":
            return await server.patch(entry.type, id_, patch_of_entry(resource), entry.if_match)
        return await server.delete(entry.type, id_, entry.if_match)

    async def _on_match(self, entry: Entry, search: str) -> list[Outcome]:
        server, resource = self._interactions, entry.resource or {}
        if entry.method == "PUT":
            return [await server.update_match(entry.type, search, resource, entry.if_match)]
        if entry.method == "PATCH":
            return [await server.patch_match(entry.type, search, patch_of_entry(resource), entry.if_match)]
        return await server.delete_match(entry.type, search, entry.if_match) or [Outcome("absent", None)]


async def _entries(bundle: Resource, kind: str) -> list[Entry]:
    """The entries of a bundle that must be of this kind."""
    checked = _checked(bundle, kind)
    return await beside(lambda: read_entries(checked), is_large(checked))


def _checked(bundle: Resource, kind: str) -> Resource:
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != kind:
        sentence = f"The body must be a Bundle of type {kind}; this is a {bundle.get('resourceType')} of type {bundle.get('type')!r}."
        raise fault(Category.MALFORMED, "value", sentence, "Bundle.type")
    return bundle


def _response(kind: str, answers: list[dict[str, Any]]) -> Resource:
    """A Bundle of answers; FHIR's JSON has no empty array."""
    return {"resourceType": "Bundle", "type": kind} | ({"entry": answers} if answers else {})

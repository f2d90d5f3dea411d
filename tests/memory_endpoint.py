"""A small FHIR endpoint and inbox in memory, with the rules that adapters rely on: versions, ifMatch, ifNoneExist, all or nothing."""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from adapters.endpoint import InboxMessage, InboxStatus, Outcome, OutgoingMessage, Settlement
from fhir_server.model.issue import Category, fault

Resource = dict[str, Any]
_URN = re.compile(r"urn:uuid:[0-9a-f-]{36}")


class MemoryInbox:
    def __init__(self) -> None:
        self.rows: list[InboxMessage] = []
        self.broken: Category | None = None

    def _check(self) -> None:
        if self.broken:
            raise fault(self.broken, "no-store", "The disk is full.")

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxMessage:
        self._check()
        digest = hashlib.sha256(raw).hexdigest()
        identity = (channel, sender, key, digest)
        for row in self.rows:
            if (row.channel, row.sender, row.key, row.digest) == identity:
                return row
        row = InboxMessage(len(self.rows) + 1, *identity, received, raw, "received", 0, None, None)
        self.rows.append(row)
        return row

    async def keep_beginning(self, message: InboxMessage) -> None:
        self._check()
        self.rows.append(replace(message, number=len(self.rows) + 1))

    async def same_key(self, message: InboxMessage) -> list[InboxMessage]:
        mine = (message.channel, message.sender, message.key)
        before = [row for row in self.rows if row.number < message.number and row.size is None]
        return [row for row in before if (row.channel, row.sender, row.key) == mine]

    @asynccontextmanager
    async def turn(self, message: InboxMessage) -> AsyncIterator[list[InboxMessage]]:
        before = [row for row in self.rows if row.status == "received" and not row.attempts and row.number < message.number]
        mine = [row for row in before if (row.channel, row.sender) == (message.channel, message.sender)]
        yield [*mine, self.rows[message.number - 1]]

    async def settle(self, settlement: Settlement) -> None:
        self._check()
        self._change(settlement.number, status="processed", note=settlement.note, reply=settlement.reply)

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        self._check()
        self._change(number, status="failed", note=note, reply=reply, attempts=self.rows[number - 1].attempts + 1)

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxMessage]:
        return [row for row in self.rows if status in (None, row.status)][:limit]

    def _change(self, number: int, **fields: Any) -> None:
        self.rows[number - 1] = replace(self.rows[number - 1], **fields)


class MemoryEndpoint:
    """`before_commit` runs before a transaction is looked at: a place for another writer to come first, or for a full disk."""

    def __init__(self, inbox: MemoryInbox | None = None):
        self.inbox = inbox or MemoryInbox()
        self.resources: dict[tuple[str, str], Resource] = {}
        self.transactions: list[Resource] = []
        self.before_commit: list[Any] = []
        self.sent: list[OutgoingMessage] = []
        self.outcomes: list[Outcome] = []
        self._numbers = itertools.count(1)

    def all(self, type_name: str) -> list[Resource]:
        return [one for (kind, _), one in self.resources.items() if kind == type_name]

    def add(self, resource: Resource) -> Resource:
        id_ = resource.get("id") or f"{resource['resourceType'].lower()}-{next(self._numbers)}"
        version = int(self.resources.get((resource["resourceType"], id_), {}).get("meta", {}).get("versionId", 0)) + 1
        meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": "2026-01-01T00:00:00Z"}
        stored = {**copy.deepcopy(resource), "id": id_, "meta": meta}
        self.resources[(resource["resourceType"], id_)] = stored
        return stored

    async def read(self, type_name: str, id_: str) -> Resource | None:
        return copy.deepcopy(self.resources.get((type_name, id_)))

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        found = [one for one in self.all(type_name) if all(_matches(one, name, value) for name, value in parameters)]
        return copy.deepcopy(found)

    async def search_each(self, searches: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[list[Resource]]:
        return [await self.search(type_name, parameters) for type_name, parameters in searches]

    async def validate(self, resource: Resource, profile: str | None = None) -> Resource:
        return {"resourceType": "OperationOutcome", "issue": []}

    async def transaction(
        self, bundle: Resource, settles: Settlement | None = None, *,
        sends: Sequence[OutgoingMessage] = (), outcome: Outcome | None = None,
    ) -> Resource:  # fmt: skip
        for hook in self.before_commit:
            hook(self)
        before = dict(self.resources)
        try:
            response = self._apply(copy.deepcopy(bundle))
            if settles:
                await self.inbox.settle(settles)
            self.sent.extend(sends)
            self.outcomes += [outcome] if outcome else []
        except Exception:
            self.resources = before
            raise
        self.transactions.append(copy.deepcopy(bundle))
        return response

    def _apply(self, bundle: Resource) -> Resource:
        known: dict[str, str] = {}
        writes = []
        for entry in bundle["entry"]:
            target, resource = self._target(entry)
            known[entry["fullUrl"]] = target
            if resource:
                writes.append(resource)
        stored = [self.add(_resolved(resource, known)) for resource in writes]
        entries = [{"response": {"status": "200", "location": f"{one['resourceType']}/{one['id']}"}} for one in stored]
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}

    def _target(self, entry: Resource) -> tuple[str, Resource | None]:
        request, resource = entry["request"], entry["resource"]
        kind = resource["resourceType"]
        if request["method"] == "PUT":
            id_ = request["url"].split("/")[1]
            current = self.resources[(kind, id_)]["meta"]["versionId"]
            if "ifMatch" in request and request["ifMatch"] != f'W/"{current}"':
                raise fault(Category.PRECONDITION, "conflict", "Another version came first.")
            return f"{kind}/{id_}", {**resource, "id": id_}
        if condition := request.get("ifNoneExist"):
            parameters = [(name, value) for name, values in parse_qs(condition).items() for value in values]
            found = [one for one in self.all(kind) if all(_matches(one, name, value) for name, value in parameters)]
            if len(found) > 1:
                raise fault(Category.PRECONDITION, "multiple-matches", "Several resources match the condition.")
            if found:
                return f"{kind}/{found[0]['id']}", None
        id_ = f"{kind.lower()}-{next(self._numbers)}"
        return f"{kind}/{id_}", {**resource, "id": id_}


def _matches(resource: Resource, name: str, value: str) -> bool:
    if name == "family:exact":
        return any(one.get("family") == value.replace("\\", "") for one in resource.get("name", []))
    if name == "relatesto:identifier":
        return any(_matches(one.get("target", {}), "identifier", value) for one in resource.get("relatesTo", []))
    assert name == "identifier", f"this endpoint does not search by {name}"
    system, _, code = value.replace("\\", "").rpartition("|")
    identifiers = resource.get("identifier", [])
    identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
    return any(one.get("system") == system and one.get("value") == code for one in identifiers)


def _resolved(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _resolved(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, known) for one in value]
    if isinstance(value, str) and _URN.fullmatch(value):
        assert value in known, f"{value} refers to nothing in the transaction"
        return known[value]
    return value

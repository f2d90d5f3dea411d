"""$import: lines of NDJSON into the store, each for itself (after https://github.com/smart-on-fhir/bulk-import/blob/master/import.md).

Who imports twice stores once: a line without an id gets one made of the job and its place, and what is stored already is no new version.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.json_format import Resource
from fhir_server.model.repeated_name import decode_unrepeated

LINES = 200
"""So many resources are handed to the store at a time."""

_ENTRY = re.compile(r"^Bundle\.entry\[\d+\]: ")
_RESOURCE = re.compile(r"^Bundle\.entry\[\d+\]\.resource")
ERRORS = 1000
CHUNK_BYTES = 4 * 2**20


class ImportProgress(msgspec.Struct):
    """How far an import is: `source` is the number of the source that is read, `line` its last line that is done with; `stored` counts
    by resource type; `errors` holds an OperationOutcome for each of the first `ERRORS` lines that were refused."""

    source: int = 0
    line: int = 0
    stored: dict[str, int] = {}
    refused: int = 0
    errors: list[dict[str, Any]] = []


class NdjsonImport:
    """One import. `seed` names it (lines without an id get theirs from it); `tell` is told of each step that is durable."""

    def __init__(self, interactions: Interactions, seed: str, progress: ImportProgress, tell: Callable[[ImportProgress], None]):
        self._interactions = interactions
        self._seed = seed
        self._tell = tell
        self.progress = progress
        self._counts = Counter(progress.stored)

    async def load(self, number: int, name: str, lines: AsyncIterator[bytes], wanted: str | None = None) -> None:
        """One source, from where an earlier run ended; `wanted` is the one resource type that it may hold."""
        if number < self.progress.source:
            return
        done = self.progress.line if number == self.progress.source else 0
        at = size = 0
        waiting: list[tuple[int, bytes]] = []
        async for line in lines:
            at += 1
            if at > done and line.strip():
                waiting.append((at, line))
                size += len(line)
            if len(waiting) == LINES or size > CHUNK_BYTES:
                await self._chunk(number, name, waiting, wanted)
                waiting, size = [], 0
        await self._chunk(number, name, waiting, wanted)
        self.progress.source, self.progress.line = number + 1, 0

    async def _chunk(self, number: int, name: str, lines: list[tuple[int, bytes]], wanted: str | None) -> None:
        read: list[tuple[int, Resource]] = []
        for at, line in lines:
            try:
                read.append((at, self._read(number, at, line, wanted)))
            except FhirError as error:
                self._refuse(name, at, operation_outcome(error.issues))
        if read:
            await self._store(name, read)
        if lines:
            self.progress.source, self.progress.line, self.progress.stored = number, lines[-1][0], dict(self._counts)
            self._tell(self.progress)

    def _read(self, number: int, at: int, line: bytes, wanted: str | None) -> Resource:
        resource = decode_unrepeated(line)
        type_name = resource["resourceType"]
        if wanted is not None and type_name != wanted:
            raise fault(Category.INVALID, "value", f"This is a {type_name[:64]}; the source was to hold only {wanted}.")
        return resource if "id" in resource else {**resource, "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._seed}/{number}/{at}"))}

    async def _store(self, name: str, read: list[tuple[int, Resource]]) -> None:
        entries = [{"resource": resource, "request": {"method": "PUT", "url": _url(resource)}} for _, resource in read]
        answer = await self._interactions.batch({"resourceType": "Bundle", "type": "batch", "entry": entries}, returns="minimal")
        for (at, resource), entry in zip(read, answer["entry"], strict=True):
            if entry["response"]["status"].startswith("2"):
                self._counts[resource["resourceType"]] += 1
            else:
                self._refuse(name, at, _of_resource(entry["response"]["outcome"], resource["resourceType"]))

    def _refuse(self, name: str, at: int, outcome: dict[str, Any]) -> None:
        self.progress.refused += 1
        if len(self.progress.errors) >= ERRORS:
            return
        place = Issue("information", "informational", f"Line {at} of {name} was refused for this reason.")
        issues = [*outcome["issue"], *operation_outcome([place])["issue"]]
        self.progress.errors.append({"resourceType": "OperationOutcome", "issue": issues})


def _of_resource(outcome: dict[str, Any], type_name: str) -> dict[str, Any]:
    """Without the Bundle entry that it names: that one is ours, not the reader's."""
    for issue in outcome["issue"]:
        issue["diagnostics"] = _ENTRY.sub("", str(issue["diagnostics"]))
        issue |= {"expression": [_RESOURCE.sub(type_name, one) for one in issue["expression"]]} if "expression" in issue else {}
    return outcome


def _url(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"

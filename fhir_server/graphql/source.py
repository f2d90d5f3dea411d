"""Where the resources of a query come from: reads and searches, counted and remembered for one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.schema import Schema
from fhir_server.store.stored import Stored

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Edge:
    """A match: `mode` and `score` as in Bundle.entry.search."""

    resource: Resource
    mode: str | None = "match"
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search; `total` None where nobody counted, `next` and `previous` the tokens of its neighbours."""

    edges: Sequence[Edge]
    total: int | None = None
    next: str | None = None
    previous: str | None = None


class Source(Protocol):
    """What a query reads from. Both raise FhirError."""

    @property
    def schema(self) -> Schema: ...

    @property
    def base(self) -> str:
        """This server's own URL, which a reference may begin with."""

    def search_parameters(self, type_name: str) -> Sequence[str]:
        """The codes that a type can be searched by."""

    async def read(self, type_name: str, id_: str, version: str | None = None) -> Resource: ...

    async def search(self, type_name: str, pairs: Sequence[Pair]) -> Found: ...


class _Interactions(Protocol):
    definitions: Any
    schema: Schema

    async def read(self, type_name: str, id_: str) -> Stored: ...

    async def vread(self, type_name: str, id_: str, version: str) -> Stored: ...

    async def search(self, type_name: str, pairs: Sequence[Pair]) -> SearchResult: ...


class InteractionsSource:
    """The interactions of this server as a source."""

    def __init__(self, interactions: _Interactions, base: str):
        self._interactions = interactions
        self.base = base
        self._read: dict[tuple[str, str, str | None], Resource] = {}

    @property
    def schema(self) -> Schema:
        return self._interactions.schema

    def search_parameters(self, type_name: str) -> Sequence[str]:
        return list(self._interactions.definitions.search_parameters(type_name))

    async def read(self, type_name: str, id_: str, version: str | None = None) -> Resource:
        key = (type_name, id_, version)
        if key not in self._read:
            read, vread = self._interactions.read, self._interactions.vread
            stored = await (vread(type_name, id_, version) if version else read(type_name, id_))
            self._read[key] = decode_resource(stored.content or b"")
        return self._read[key]

    async def search(self, type_name: str, pairs: Sequence[Pair]) -> Found:
        """Refused where a parameter was not understood: a graph has no place for a warning."""
        result = await self._interactions.search(type_name, pairs)
        if result.issues:
            raise FhirError(Category.MALFORMED, [replace(issue, severity="error") for issue in result.issues])
        return Found([Edge(decode_resource(one.content or b"")) for one in result.matches], result.total, result.next, result.previous)

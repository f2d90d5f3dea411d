"""The FHIR interactions as methods (https://hl7.org/fhir/R4/http.html)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, cast, overload
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel

from fhir_server.client.bulk_export import Export, begun
from fhir_server.client.connection import FORM, JSON, JSON_PATCH, Connection
from fhir_server.client.entries import Entries, EntryAnswer, address, entry_answers
from fhir_server.client.page import Page, Version, link, page, versions
from fhir_server.client.representation import M, R, Resource, as_held, as_resource, decoded, encoded, type_name
from fhir_server.client.retry import Retry
from fhir_server.client.search_value import Parameters, pairs

Kind = str | type[BaseModel]
REPRESENTATION = {"Prefer": "return=representation"}


class FhirClient:
    """A client of the server at `base_url`, used as `async with FhirClient(...) as client`.

    Resources come as dicts where their type is named ("Patient"), and as models where it is a model class
    (fhir.resources.R4B.patient.Patient). What goes wrong is a FhirClientError (`fhir_server.client.failure`).

    `auth` signs every request (any httpx.Auth); `timeout` is seconds for each part of an exchange; `transport` stands in for the network
    in tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: httpx.Auth | None = None,
        retry: Retry | None = None,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ):
        self._connection = Connection(base_url, auth=auth, retry=retry or Retry(), timeout=timeout, headers=headers, transport=transport)

    async def __aenter__(self) -> FhirClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    # Single resources

    @overload
    async def read(self, kind: str, id: str) -> Resource: ...
    @overload
    async def read(self, kind: type[M], id: str) -> M: ...
    async def read(self, kind: Kind, id: str) -> Any:
        """The current version; NotFound, Gone."""
        return as_held(await self._connection.ask_resource("GET", f"{type_name(kind)}/{id}"), kind)

    @overload
    async def vread(self, kind: str, id: str, version: str) -> Resource: ...
    @overload
    async def vread(self, kind: type[M], id: str, version: str) -> M: ...
    async def vread(self, kind: Kind, id: str, version: str) -> Any:
        """One version."""
        return as_held(await self._connection.ask_resource("GET", f"{type_name(kind)}/{id}/_history/{version}"), kind)

    async def create(self, resource: R, *, if_none_exist: Parameters | None = None) -> R:
        """The resource as it was stored, with its id; with `if_none_exist` the one that the search finds, if there is one."""
        condition = {"If-None-Exist": urlencode(pairs(if_none_exist))} if if_none_exist else {}
        return await self._written("POST", type_name(_kind(resource)), resource, condition)

    async def update(self, resource: R, *, where: Parameters | None = None, if_match: str | None = None) -> R:
        """Replace it under its id, or what the search `where` finds (created where there is none); as it was stored.

        `if_match` is the version it was made from (`resource["meta"]["versionId"]`): PreconditionFailed if it is no longer the newest.
        """
        body = as_resource(resource)
        path = address(body["resourceType"], None if where else body.get("id"), where)
        return await self._written("PUT", path, resource, _if_match(if_match))

    @overload
    async def patch(
        self, kind: str, id: str | None, change: Resource | list[Resource], *, where: Parameters | None = None, if_match: str | None = None
    ) -> Resource: ...
    @overload
    async def patch(
        self,
        kind: type[M],
        id: str | None,
        change: Resource | list[Resource],
        *,
        where: Parameters | None = None,
        if_match: str | None = None,
    ) -> M: ...
    async def patch(
        self, kind: Kind, id: str | None, change: Resource | list[Resource], *, where: Parameters | None = None, if_match: str | None = None
    ) -> Any:
        """Change it by a JSON Patch (a list of operations) or a FHIRPath Patch (a Parameters resource); as it was stored."""
        path = address(type_name(kind), id, where)
        form = JSON_PATCH if isinstance(change, list) else JSON
        headers = REPRESENTATION | _if_match(if_match)
        stored = await self._connection.ask_resource("PATCH", path, content=encoded(change), content_type=form, headers=headers)
        return as_held(stored, kind)

    async def delete(self, kind: Kind, id: str | None = None, *, where: Parameters | None = None, if_match: str | None = None) -> None:
        """Delete it, or what the search finds; good too where there is none."""
        await self._connection.ask("DELETE", address(type_name(kind), id, where), headers=_if_match(if_match))

    # Searches and histories

    @overload
    def search(self, kind: str, parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[Resource]: ...
    @overload
    def search(self, kind: type[M], parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[M]: ...
    async def search(self, kind: Kind, parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[Any]:
        """Every resource that matches; the pages are fetched as they are used. `post` keeps the values out of URLs, and so out of logs."""
        async for one in self.pages(cast(str, kind), parameters, post=post):
            for match in one.matches:
                yield match

    @overload
    def pages(self, kind: str, parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[Page[Resource]]: ...
    @overload
    def pages(self, kind: type[M], parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[Page[M]]: ...
    async def pages(self, kind: Kind, parameters: Parameters | None = None, *, post: bool = False) -> AsyncIterator[Page[Any]]:
        """The pages of a search: matches, included resources, total, what the server did not understand (`outcomes`)."""
        async for bundle in self._bundles(await self._searched(type_name(kind), pairs(parameters), post)):
            yield page(bundle, kind)

    async def count(self, kind: Kind, parameters: Parameters | None = None) -> int:
        """How many resources match."""
        found = await self._searched(type_name(kind), [*pairs(parameters), ("_summary", "count")], False)
        return int(found["total"])

    async def history(
        self, kind: Kind | None = None, id: str | None = None, *, since: str | None = None, count: int | None = None
    ) -> AsyncIterator[Version]:
        """The versions of a resource, of a type or of all, newest first, deletions too; `count` is those on one page."""
        place = "/".join([*([type_name(kind)] if kind else []), *([id] if id else []), "_history"])
        query = pairs({name: value for name, value in (("_since", since), ("_count", count)) if value is not None})
        async for bundle in self._bundles(await self._connection.ask_resource("GET", place, query=query)):
            for version in versions(bundle):
                yield version

    # Several at once

    async def transaction(self, entries: Entries | Resource) -> list[EntryAnswer]:
        """All or nothing; Refused names the entry at fault. It is never repeated by itself: with `if_none_exist` you may do so."""
        return await self._bundled(entries, "transaction")

    async def batch(self, entries: Entries | Resource) -> list[EntryAnswer]:
        """Each for itself: look at the `status` of every answer."""
        return await self._bundled(entries, "batch")

    # Operations

    async def operation(
        self, name: str, kind: Kind | None = None, id: str | None = None, *, parameters: Parameters | None = None, body: Any = None
    ) -> Resource:
        """An operation (`$lastn`) of the server, a type or a resource: by GET, or by POST with `body`, a resource. Its result."""
        path = "/".join([*([type_name(kind)] if kind else []), *([id] if id else []), f"${name.removeprefix('$')}"])
        content = None if body is None else encoded(body)
        return await self._connection.ask_resource("GET" if body is None else "POST", path, query=pairs(parameters), content=content)

    async def everything(
        self, id: str, kind: Kind = "Patient", *, types: Sequence[str] = (), since: str | None = None, count: int | None = None
    ) -> AsyncIterator[Resource]:
        """A person's (or encounter's) whole record, page after page."""
        asked = (("_type", ",".join(types)), ("_since", since), ("_count", count))
        first = await self.operation("everything", kind, id, parameters={name: value for name, value in asked if value})
        async for bundle in self._bundles(first):
            for entry in bundle.get("entry", []):
                yield entry["resource"]

    async def validate(self, resource: Resource | BaseModel, *, profile: str | None = None) -> Resource:
        """The OperationOutcome of a check that stores nothing; it is no error if the resource is wrong."""
        asked = pairs({"profile": profile} if profile else None)
        return await self._connection.ask_resource(
            "POST", f"{type_name(_kind(resource))}/$validate", query=asked, content=encoded(resource)
        )

    async def capabilities(self) -> Resource:
        """The CapabilityStatement."""
        return await self._connection.ask_resource("GET", "metadata")

    # Bulk data

    async def export(
        self, *, group: str | None = None, patients: bool = False, types: Sequence[str] = (), since: str | None = None
    ) -> Export:
        """Begin an export of the whole server, of all patients or of a group's."""
        place = f"Group/{group}/$export" if group else "Patient/$export" if patients else "$export"
        query = pairs({name: value for name, value in (("_type", ",".join(types)), ("_since", since)) if value})
        return Export(self._connection, begun(await self._connection.ask("GET", place, query=query, headers={"Prefer": "respond-async"})))

    def export_at(self, url: str) -> Export:
        """An export begun before, by its `url`."""
        return Export(self._connection, url)

    async def _written(self, method: str, path: str, resource: R, condition: Mapping[str, str]) -> R:
        answer = await self._connection.ask(method, path, content=encoded(resource), headers=REPRESENTATION | dict(condition))
        return cast(R, as_held(decoded(answer.content), _kind(resource)))

    async def _searched(self, name: str, query: list[tuple[str, str]], post: bool) -> Resource:
        if not post:
            return await self._connection.ask_resource("GET", name, query=query)
        return await self._connection.ask_resource("POST", f"{name}/_search", content=urlencode(query).encode(), content_type=FORM)

    async def _bundles(self, first: Resource) -> AsyncIterator[Resource]:
        bundle = first
        yield bundle
        while (following := link(bundle, "next")) is not None:
            bundle = await self._connection.ask_resource("GET", following)
            yield bundle

    async def _bundled(self, entries: Entries | Resource, type: str) -> list[EntryAnswer]:
        bundle = entries.bundle(type) if isinstance(entries, Entries) else entries
        return entry_answers(await self._connection.ask_resource("POST", "", content=encoded(bundle), headers=REPRESENTATION))


def _kind(resource: Resource | BaseModel) -> Kind:
    return str(resource["resourceType"]) if isinstance(resource, dict) else type(resource)


def _if_match(version: str | None) -> dict[str, str]:
    return {"If-Match": f'W/"{version}"'} if version is not None else {}

"""The entries of a transaction or batch, put together one by one (https://hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from pydantic import BaseModel

from fhir_server.client.connection import JSON_PATCH
from fhir_server.client.representation import Resource, as_resource, encoded
from fhir_server.client.search_value import Parameters, pairs


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """What became of an entry: `status` (201), `location` (Patient/1/_history/1), its resource and outcome where the server sent them."""

    status: int
    location: str | None
    etag: str | None
    last_modified: str | None
    resource: Resource | None
    outcome: Resource | None


class Entries:
    """Requests that travel together. What `create` and `update` return is how the other resources refer to it:
    `{"subject": {"reference": patient}}`."""

    def __init__(self) -> None:
        self._entries: list[Resource] = []

    def create(self, resource: Resource | BaseModel, *, if_none_exist: Parameters | None = None) -> str:
        """Create it, unless the search finds one; the urn:uuid it is referred to by."""
        body = as_resource(resource)
        condition = {"ifNoneExist": urlencode(pairs(if_none_exist))} if if_none_exist else {}
        return self._add("POST", body["resourceType"], f"urn:uuid:{uuid4()}", body, condition)

    def update(self, resource: Resource | BaseModel, *, where: Parameters | None = None, if_match: str | None = None) -> str:
        """Replace it under its id, or what the search finds; the reference to it."""
        body = as_resource(resource)
        url = address(body["resourceType"], None if where else body["id"], where)
        return self._add("PUT", url, f"urn:uuid:{uuid4()}" if where else url, body, _if_match(if_match))

    def patch(self, type_name: str, id: str | None, change: Resource | list[Resource], *, where: Parameters | None = None) -> None:
        """Change it by a FHIRPath Patch (a Parameters resource) or a JSON Patch (a list of operations)."""
        self._add("PATCH", address(type_name, id, where), None, _patch(change), {})

    def delete(self, type_name: str, id: str | None = None, *, where: Parameters | None = None, if_match: str | None = None) -> None:
        """Delete it, or what the search finds."""
        self._add("DELETE", address(type_name, id, where), None, None, _if_match(if_match))

    def get(self, path: str, parameters: Parameters | None = None) -> None:
        """A read or a search, carried out after the writes of a transaction."""
        query = urlencode(pairs(parameters))
        self._add("GET", f"{path}?{query}" if query else path, None, None, {})

    def __len__(self) -> int:
        return len(self._entries)

    def bundle(self, type: str = "transaction") -> Resource:
        """The Bundle of type transaction or batch."""
        return {"resourceType": "Bundle", "type": type, "entry": list(self._entries)}

    def _add(self, method: str, url: str, full_url: str | None, body: Resource | None, more: Resource) -> str:
        entry: Resource = {"fullUrl": full_url} if full_url and full_url.startswith("urn:") else {}
        entry |= {"resource": body} if body is not None else {}
        self._entries.append(entry | {"request": {"method": method, "url": url} | more})
        return full_url or url


def address(type_name: str, id: str | None, where: Parameters | None) -> str:
    """`Patient/1`, or `Patient?identifier=...`; ValueError unless there is exactly one of the two."""
    if (id is None) == (not where):
        raise ValueError(f"Name the {type_name} either by its id or by a search (where=...) that is not empty.")
    return f"{type_name}/{id}" if id is not None else f"{type_name}?{urlencode(pairs(where))}"


def entry_answers(bundle: Resource) -> list[EntryAnswer]:
    """The answers, in the order of the entries."""
    return [_answer(entry) for entry in bundle.get("entry", [])]


def _answer(entry: Resource) -> EntryAnswer:
    response: dict[str, Any] = entry.get("response", {})
    status = int(str(response.get("status", "0")).split()[0])
    return EntryAnswer(
        status, response.get("location"), response.get("etag"), response.get("lastModified"), entry.get("resource"), response.get("outcome")
    )


def _if_match(version: str | None) -> Resource:
    return {"ifMatch": f'W/"{version}"'} if version is not None else {}


def _patch(change: Resource | list[Resource]) -> Resource:
    """A FHIRPath Patch as it is, a JSON Patch within a Binary (https://hl7.org/fhir/R4/http.html#patch)."""
    if isinstance(change, dict):
        return change
    return {"resourceType": "Binary", "contentType": JSON_PATCH, "data": base64.b64encode(encoded(change)).decode()}

"""An entry of a batch or transaction as the HTTP request that it describes (https://hl7.org/fhir/R4/bundle.html#bundle-requests):
operations, histories and searches by POST go the way of the table of routes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import Message, Scope

from fhir_server.interactions.entry import Entry
from fhir_server.interactions.status import status_line
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.rest.dispatch import Dispatch
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.route import Route

FORM = b"application/x-www-form-urlencoded"
JSON = b"application/fhir+json"
_KEPT = (b"prefer", b"accept-language")
"""Headers of the Bundle's request that hold for its entries too."""

_SHOWN = {b"location": "location", b"content-location": "location", b"etag": "etag"}


class BundledRequests:
    """The requests that the entries of one Bundle describe; a Bundle within the Bundle is refused."""

    def __init__(self, request: FhirRequest):
        self._request = request
        self._dispatch = Dispatch(request.service.routes, request.service.schema)

    def check(self, entry: Entry, *, in_transaction: bool) -> None:
        """NOT_FOUND or METHOD where there is no such route, NOT_SUPPORTED for what may not stand in a transaction."""
        route, _ = self._route(entry)
        if "transaction" in route.interactions or (in_transaction and route.affects_state):
            where = "a transaction" if in_transaction else "a Bundle"
            sentence = f"{entry.method} {entry.url[:200]} is not supported within {where}; send it as a request of its own."
            raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)

    async def answer(self, entry: Entry) -> tuple[dict[str, Any], int]:
        """The response entry, and how many bytes its resource has; FhirError where it cannot be given."""
        route, parts = self._route(entry)
        kind, body = _body(entry)
        inner = FhirRequest(self._request.service, self._scope(entry, kind, body), _receiving(body), parts)
        response = await route.handler(inner)
        return _entry(response), len(response.body)

    def _route(self, entry: Entry) -> tuple[Route, dict[str, str]]:
        return self._dispatch.find(entry.method, _path(entry))

    def _scope(self, entry: Entry, kind: bytes, body: bytes) -> Scope:
        scope = dict(self._request.scope)
        headers = [(b"host", self._request.headers.get(b"host", b"")), (b"accept", JSON), (b"content-length", b"%d" % len(body))]
        if body:
            headers.append((b"content-type", kind))
        headers += [(name, value.encode()) for name, value in _conditions(entry) if value is not None]
        headers += [(name, self._request.headers[name]) for name in _KEPT if name in self._request.headers]
        path = scope.get("root_path", "") + _path(entry)
        return scope | {"method": entry.method, "path": path, "query_string": (entry.search or "").encode(), "headers": headers}


def _path(entry: Entry) -> str:
    return "/" + unquote(entry.url.partition("?")[0]).strip("/")


def _conditions(entry: Entry) -> list[tuple[bytes, str | None]]:
    return [(b"if-match", entry.if_match), (b"if-none-match", entry.if_none_match), (b"if-none-exist", entry.if_none_exist)]


def _body(entry: Entry) -> tuple[bytes, bytes]:
    """Media type and bytes; the Parameters of a search by POST become the form that HTTP would carry."""
    if entry.resource is None:
        return JSON, b""
    if entry.url.partition("?")[0].endswith("/_search"):
        return FORM, urlencode([_pair(part) for part in entry.resource.get("parameter") or ()]).encode()
    return JSON, encode_json(entry.resource)


def _pair(part: dict[str, Any]) -> tuple[str, str]:
    return str(part.get("name")), str(next((value for name, value in part.items() if name.startswith("value")), ""))


def _receiving(body: bytes) -> Any:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _entry(response: Response) -> dict[str, Any]:
    told: dict[str, Any] = {"status": status_line(response.status)}
    told |= {_SHOWN[name]: value.decode("latin-1") for name, value in response.headers if name in _SHOWN}
    shown = {"resource": decode_json(response.body)} if response.body.startswith(b"{") else {}
    return shown | {"response": told}

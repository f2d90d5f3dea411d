"""A server on each store that is told who calls, in place of authentication: access is tested alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import FhirApplication, fhir_application
from fhir_server.security.caller import OPEN, Caller
from fhir_server.store.store import Store
from fhir_server.validation import Validator
from tests.patience import PATIENCE

Resource = dict[str, Any]


class Callers:
    """Authentication that believes what it is told."""

    is_required = True

    def __init__(self) -> None:
        self.caller: Caller = OPEN

    async def caller_of(self, scope: Any) -> Caller:
        return self.caller

    async def require(self, caller: Caller) -> None:
        pass

    def place_of(self, scope: Any) -> None:
        return None


class Server:
    """The FHIR base, asked as one caller after the other."""

    BASE = "http://testserver/fhir"

    def __init__(self, application: FhirApplication, callers: Callers, run: Callable[[Any], Any]):
        self.application, self._callers, self._run = application, callers, run
        transport = httpx.ASGITransport(app=application, root_path="/fhir")
        self._client = httpx.AsyncClient(transport=transport, timeout=PATIENCE)

    def ask(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        self._callers.caller = caller
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", "application/fhir+json")
        response: httpx.Response = self._run(self._client.request(method, self.BASE + path, json=body, headers=sent))
        return response

    def send(self, caller: Caller, method: str, path: str, body: bytes, **headers: str) -> httpx.Response:
        """A body as it is."""
        self._callers.caller = caller
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        response: httpx.Response = self._run(self._client.request(method, self.BASE + path, content=body, headers=sent))
        return response

    def pause(self) -> None:
        """Let what runs beside go on."""
        self._run(asyncio.sleep(0.01))

    def get(self, caller: Caller, path: str, **headers: str) -> httpx.Response:
        return self.ask(caller, "GET", path, **headers)

    def raw(self, caller: Caller, method: str, path: str, content: bytes, **headers: str) -> httpx.Response:
        """A body of any type."""
        self._callers.caller = caller
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        response: httpx.Response = self._run(self._client.request(method, self.BASE + path, content=content, headers=sent))
        return response

    def form(self, caller: Caller, path: str, form: str) -> httpx.Response:
        return self.raw(caller, "POST", path, form.encode(), content_type="application/x-www-form-urlencoded")

    def wait(self, awaitable: Any) -> None:
        """Let the server go on."""
        self._run(awaitable)

    def store(self, *resources: Resource) -> None:
        """As the server itself."""
        entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in resources]
        answer = self.ask(OPEN, "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text

    def found(self, caller: Caller, path: str) -> set[str]:
        """`Type/id` of all entries that are resources of the record, over all pages."""
        seen: set[str] = set()
        while path:
            answer = self.get(caller, path)
            assert answer.status_code == 200, answer.text
            bundle = answer.json()
            seen |= {names(entry["resource"]) for entry in bundle.get("entry", ()) if "resource" in entry}
            following = next((one["url"] for one in bundle.get("link", ()) if one["relation"] == "next"), "")
            path = following.removeprefix(self.BASE)
        return {one for one in seen if not one.startswith("OperationOutcome")}

    def close(self) -> None:
        self._run(self._client.aclose())


def names(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource.get('id')}"


@pytest.fixture(scope="session")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


@pytest.fixture
def server(store: Store, definitions: Definitions, validator: Validator, run: Callable[[Any], Any]) -> Iterator[Server]:
    callers = Callers()
    interactions = Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
    application = fhir_application(interactions, validator, authentication=callers)
    opened = Server(application, callers, run)
    yield opened
    opened.close()

"""A FHIR base that authenticates, over a real store, with the token endpoint beside it; time and the network are the test's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette

from fhir_server.app import FhirFirst
from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.authentication import Authenticator
from fhir_server.rest.proxy import BehindProxy
from fhir_server.rest.route import Route
from fhir_server.rest.routes import ROUTES
from fhir_server.rest.token_endpoint import authentication_routes
from fhir_server.security.client import Client
from fhir_server.security.client_assertion import ASSERTION_TYPE
from fhir_server.security.protection import Protection
from fhir_server.security.remote_keys import Fetched, RemoteKeys
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from fhir_server.validation import Validator
from tests.security.signing import EC, NOW, RSA, assertion_claims, jwks, public, signed

BASE = "https://fhir.example.org/fhir"
GP = Client("gp", "GP software", "system/Patient.rs system/CarePlan.rs", jwks=jwks(public(EC, "ec"), public(RSA, "rsa")).decode())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of good.example, signed by itself, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=good.example"]
    files = ["-days", "2", "-keyout", str(folder / "key"), "-out", str(folder / "cert"), "-addext", "subjectAltName=DNS:good.example"]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return folder / "cert", folder / "key"


@dataclass
class Outside:
    """The clock, and what other servers answer."""

    now: float = NOW
    pages: dict[str, Fetched] = field(default_factory=dict)
    tokens: dict[str, bytes] = field(default_factory=dict)
    actors: frozenset[tuple[str, str]] = frozenset()
    asked: list[str] = field(default_factory=list)
    looked_up: list[Any] = field(default_factory=list)

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.pages:
            raise ConnectionError(url)
        return self.pages[url]

    async def ask(self, url: str, form: dict[str, str], headers: dict[str, str]) -> bytes:
        self.asked.append(url)
        if form["token"] not in self.tokens:
            raise ConnectionError(url)
        return self.tokens[form["token"]]

    async def find_actors(self, identifiers: Any) -> frozenset[tuple[str, str]]:
        self.looked_up.append(identifiers)
        return self.actors


class Server:
    """One process of a server, asked without a network."""

    def __init__(
        self, store: Store, definitions: Definitions, run: Callable[..., Any], outside: Outside, peer: str,
        routes: tuple[Route, ...] = ROUTES, **protection: Any,
    ):  # fmt: skip
        self._run = run
        self.outside = outside
        self.authenticator = Authenticator(
            Protection(**{"base_url": BASE, **protection}), store.registry, RemoteKeys(outside.fetch, lambda: outside.now), outside.ask,
            outside.find_actors, lambda: outside.now,
        )  # fmt: skip
        interactions = Interactions(store, definitions, Searching(definitions, ZoneInfo("UTC")))
        self.fhir = fhir_application(interactions, Validator(definitions), routes=routes, authentication=self.authenticator)
        others = Starlette(routes=authentication_routes(self.authenticator))
        app = BehindProxy(FhirFirst(self.fhir, others), protection.get("proxies", ()))
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(peer, 5000)), base_url="https://fhir.example.org")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._run(self._client.request(method, path, **more))

    def get(self, path: str, token: str | None = None, **headers: str) -> httpx.Response:
        shown = {"authorization": f"Bearer {token}"} if token is not None else {}
        return self.ask("GET", path, headers={**shown, **{name.replace("_", "-"): value for name, value in headers.items()}})

    def token_answer(self, assertion: str, scope: str = "system/*.cruds", **changed: Any) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, "scope": scope}
        return self.ask("POST", "/auth/token", data={**form, **changed})

    def token(self, jti: str = "one", scope: str = "system/*.cruds") -> str:
        """A good token of the client `gp`."""
        claims = assertion_claims(jti=jti, exp=self.outside.now + 240, iat=self.outside.now)
        answer = self.token_answer(signed(claims), scope)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def caller(self, token: str) -> Any:
        """Who a request with the token is of."""
        headers = [(b"host", b"fhir.example.org"), (b"authorization", f"Bearer {token}".encode())]
        scope = {"type": "http", "scheme": "https", "headers": headers, "root_path": "/fhir", "client": ("192.0.2.1", 1)}
        return self._run(self.authenticator.caller_of(scope))


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def serve(
    store: Store, database_url: str, definitions: Definitions, run: Callable[..., Any], outside: Outside
) -> Iterator[Callable[..., Server]]:
    """A process with the client `gp`: `serve(proxies=...)`; `serve(another=True)` is one more process on the same database."""
    others: list[Store] = []

    def started(*, another: bool = False, peer: str = "192.0.2.1", **protection: Any) -> Server:
        if another:
            others.append(run(open_store(database_url)))
        run(store.registry.add(GP))
        return Server(others[-1] if another else store, definitions, run, outside, peer, **protection)

    yield started
    for one in others:
        run(one.close())


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()

"""The whole of a server that asks who calls: its registry says what a client is told, at each moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.fhir_base import fhir_service
from fhir_server.following import sight_of
from fhir_server.model.issue import Category, FhirError
from fhir_server.rest.application import FhirApplication
from fhir_server.security.client import Client
from fhir_server.security.sender_key import key_digest, new_sender_key
from fhir_server.settings import Settings
from fhir_server.store.store import Store
from fhir_server.subscriptions.owner import owner_of
from tests.subscriptions.server import by_criteria

NOW = 2**31
KEY = new_sender_key()
PRACTICE = Client(
    "practice", "Practice", "system/Subscription.cruds system/Observation.rs system/Patient.rs", keys=(key_digest(KEY.encode()),),
    actors=(("Organization", "practice"),),
)  # fmt: skip


@pytest.fixture
def owned(store: Store, run: Any, definitions: Definitions, tmp_path: Any) -> Any:
    """(the service, the Subscription that the practice asked for with its key, its owner as kept)"""

    async def asked() -> Any:
        settings = Settings(data=tmp_path, authentication="required", allowed_hosts=("127.0.0.1",), base_url="http://testserver/fhir")
        service = fhir_service(put_together(definitions, store, settings), settings)
        await store.registry.add(PRACTICE)
        transport = httpx.ASGITransport(app=FhirApplication(service), root_path="/fhir")
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver/fhir") as client:
            headers = {"authorization": f"Bearer {KEY}", "content-type": "application/fhir+json"}
            body = by_criteria("Observation?status=final", "http://127.0.0.1:9/told")
            answer = await client.post("/Subscription", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            unknown = await client.post("/Subscription", json=body, headers=headers | {"authorization": "Bearer nobody"})
            assert unknown.status_code == 401
        subscriber = await store.subscriptions.of(answer.json()["id"])
        assert subscriber is not None
        return service, owner_of(subscriber)

    return run(asked())


def test_the_owner_is_the_client_with_the_scopes_of_its_token(owned: Any) -> None:
    _, owner = owned
    assert (owner.subject, owner.client, owner.actors) == ("practice", "practice", frozenset([("Organization", "practice")]))
    assert {scope.type for scope in owner.scopes} == {"Subscription", "Observation", "Patient"}


CHANGED: list[tuple[str, Callable[[Client], Client], Callable[[Any], bool]]] = [
    ("scopes taken away", lambda one: replace(one, scope="system/Patient.rs"), lambda now: {one.type for one in now.scopes} == {"Patient"}),
    ("scopes added", lambda one: replace(one, scope="system/*.cruds"), lambda now: "*" not in {one.type for one in now.scopes}),
    ("another actor", lambda one: replace(one, actors=(("Organization", "x"),)), lambda now: now.actors == {("Organization", "x")}),
    ("the whole no more", lambda one: replace(one, whole=False, tenant="t"), lambda now: (now.whole, now.tenant) == (False, "t")),
]


@pytest.mark.parametrize(("change", "holds"), [one[1:] for one in CHANGED], ids=[one[0] for one in CHANGED])
def test_what_was_changed_in_the_registry_counts_at_once(owned: Any, store: Store, run: Any, change: Any, holds: Any) -> None:
    service, owner = owned
    run(store.registry.replace(change(PRACTICE)))
    assert holds(run(sight_of(service).current(owner)))


@pytest.mark.parametrize("change", [{"revoked": 1}, {"expires": 1}], ids=["revoked", "expired"])
def test_a_client_that_counts_no_more_is_let_in_no_more(owned: Any, store: Store, run: Any, change: dict[str, int]) -> None:
    service, owner = owned
    run(store.registry.replace(replace(PRACTICE, **change)))
    with pytest.raises(FhirError) as refused:
        run(sight_of(service).current(owner))
    assert refused.value.category is Category.UNAUTHENTICATED

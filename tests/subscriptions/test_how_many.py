"""Every Subscription costs each change something, so a client has not any number of them."""

from __future__ import annotations

from typing import Any

from fhir_server.security.caller import Caller
from fhir_server.security.scope import Scope
from tests.subscriptions.receiver import Receiver
from tests.subscriptions.server import Server, by_criteria
from tests.subscriptions.test_who_is_told import OTHER, PRACTICE, world


def in_one(asked: dict[str, Any], number: int) -> dict[str, Any]:
    entry = {"resource": asked, "request": {"method": "POST", "url": "Subscription"}}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * number}


def test_a_client_has_so_many_that_are_served(play: Any, receiver: Receiver) -> None:
    """However they are made; others and those that are over do not count."""

    async def scene(server: Server) -> None:
        await world(server)
        asked = by_criteria("Observation?status=final", receiver.url)
        await server.made(asked, OTHER)
        assert (await server.ask("POST", "/", in_one(asked, 4), PRACTICE)).status_code == 422
        assert (await server.ask("POST", "/", in_one(asked, 3), PRACTICE)).status_code == 200
        answer = await server.ask("POST", "/Subscription", asked, PRACTICE)
        assert answer.status_code == 422
        (issue,) = answer.json()["issue"]
        most = "A client has at most 3 Subscriptions that are served (subscriptions_per_client)"
        assert (issue["code"], issue["diagnostics"]) == ("too-costly", f"{most}: end some, or ask for more in one.")
        (one, *_) = [entry["resource"] for entry in (await server.got("/Subscription", PRACTICE))["entry"]]
        await server.put(one | {"status": "requested", "reason": "one that counts already"}, PRACTICE)
        over = await server.put(one | {"status": "off"}, PRACTICE)
        await server.made(asked, PRACTICE)
        answer = await server.ask("PUT", f"/Subscription/{one['id']}", over | {"status": "requested"}, PRACTICE)
        assert answer.status_code == 422, "what begins again counts again"
        await server.made(asked | {"status": "off"}, PRACTICE)

    play(scene, most=3)


def test_who_may_only_create_has_no_more_than_others(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        scopes = (Scope("system", "Subscription", frozenset("c")), Scope("system", "Patient", frozenset("rs")))
        writer = Caller("writer", "writer", scopes, whole=True)
        asked = by_criteria("Patient?active=true", receiver.url)
        assert [(await server.ask("POST", "/Subscription", asked, writer)).status_code for _ in range(3)] == [201, 201, 422]

    play(scene, most=2)


def test_of_0_there_is_no_end(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        asked = by_criteria("Observation?status=final", receiver.url)
        assert (await server.ask("POST", "/", in_one(asked, 3), PRACTICE)).status_code == 200

    play(scene, most=0)

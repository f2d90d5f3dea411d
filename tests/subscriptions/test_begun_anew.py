"""What is not carried over: to another endpoint before it agreed, to another Subscription under the same id, to another message's key."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.security.caller import Caller
from fhir_server.store.subscription import Occurrence, Step
from tests.access.people import HOSPITAL
from tests.subscriptions.receiver import Receiver, parameter
from tests.subscriptions.server import Server, by_criteria, by_topic
from tests.subscriptions.test_rest_hook import CIRCLE, circle, topic, with_circle
from tests.subscriptions.test_who_is_told import ALL

SOFTWARE = Caller("software", "software", ALL, whole=True)


def keys(receiver: Receiver) -> list[str]:
    return [one.headers["idempotency-key"] for one in receiver.came]


def to(resource: dict[str, Any], endpoint: str) -> dict[str, Any]:
    return resource | {"status": "requested", "channel": resource["channel"] | {"endpoint": endpoint}}


async def told(server: Server, receiver: Receiver) -> dict[str, Any]:
    """An active Subscription of the circle's changes."""
    await with_circle(server)
    made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
    await server.settled()
    return made


def test_no_two_messages_have_the_same_key(play: Any, receiver: Receiver) -> None:
    """One endpoint may be that of many Subscriptions."""

    async def scene(server: Server) -> None:
        await with_circle(server)
        for _ in range(2):
            await server.made(by_topic(topic(server, CIRCLE), receiver.url))
            await server.made(by_criteria("CareTeam?status=active", receiver.url))
        together = by_criteria("CareTeam?status=active", receiver.url, "application/fhir+json")
        extension = {"url": "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count", "valuePositiveInt": 9}
        together["channel"]["extension"] = [extension]
        await server.made(together)
        await server.settled()
        for id_ in ("circle", "another"):
            await server.put(circle("Practitioner/b", id_=id_))
        await server.settled()
        assert len(receiver.came) == 2 + 2 * 2 + 2 * 2 + 2
        assert len(set(keys(receiver))) == len(receiver.came), keys(receiver)

    play(scene)


def test_one_that_is_made_anew_under_the_same_id_has_nothing_of_the_one_before(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.put(by_topic(topic(server, CIRCLE), receiver.url) | {"id": "s"}, HOSPITAL)
        await server.settled()
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.settled()
        receiver.status = lambda came: 503
        await server.put(circle("Practitioner/b"))
        await server.settled()
        before = keys(receiver)
        assert (await server.ask("DELETE", "/Subscription/s", caller=HOSPITAL)).status_code == 204
        receiver.came.clear()
        receiver.status = lambda came: 200
        await server.put(by_topic(topic(server, CIRCLE), f"{receiver.url}/new") | {"id": "s"}, SOFTWARE)
        for _ in range(3):
            await server.settled()
            server.clock.let_pass(3600)
        assert receiver.kinds() == ["handshake"]
        assert parameter(receiver.came[0].json, "events-since-subscription-start")["valueString"] == "0"
        (first,) = (await server.got("/Subscription/s/$events", SOFTWARE))["entry"]
        assert "notification-event" not in str(first)
        await server.put(circle("Practitioner/c"))
        await server.settled()
        assert receiver.events() == [1]
        assert not set(keys(receiver)) & set(before)
        (dead,) = await server.outbox(status="dead")
        assert dead.note == "the Subscription was made anew"
        assert (await server.ask("POST", f"/_exchange/_replay?id=out-{dead.number}")).json() == {"replayed": 1}
        await server.settled()
        assert receiver.events() == [1], "what nobody is told any more is not replayed"

    play(scene, first_pause=1)


def test_of_one_that_is_deleted_no_secret_is_kept(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        asked = by_criteria("Patient?active=true", receiver.url)
        asked["channel"]["header"] = ["Authorization: Bearer secret"]
        for way in ("delete", "transaction"):
            made = await server.made(asked)
            kept = await server.parts.store.subscriptions.of(made["id"])
            assert kept is not None
            assert b"secret" in kept.headers
            place = f"Subscription/{made['id']}"
            entry = {"request": {"method": "DELETE", "url": place}}
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
            await (server.ask("DELETE", f"/{place}") if way == "delete" else server.ask("POST", "/", bundle))
            kept = await server.parts.store.subscriptions.of(made["id"])
            assert kept is None or kept.headers == b""

    play(scene)


def test_an_event_found_for_the_one_before_is_not_the_new_ones(play: Any, receiver: Receiver) -> None:
    """The step that found it is taken only after the other was made."""

    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.put(by_topic(topic(server, CIRCLE), receiver.url) | {"id": "s"}, HOSPITAL)
        await server.settled()
        store = server.parts.store
        after = await store.newest()
        assert await store.subscriptions.take(Step(after, after, 1, occurrences=[Occurrence("s", "CareTeam", "circle", 1, "PUT", 1)]))
        await server.ask("DELETE", "/Subscription/s", caller=HOSPITAL)
        await server.put(by_topic(topic(server, CIRCLE), receiver.url) | {"id": "s"}, SOFTWARE)
        assert await store.subscriptions.take(Step(after, after, 1, occurrences=[Occurrence("s", "CareTeam", "circle", 1, "PUT", 1)]))
        assert await store.subscriptions.events("s", 0, 9, 9) == []

    play(scene)


@pytest.mark.parametrize("refusal", [503, 410])
def test_nothing_goes_to_a_changed_endpoint_before_it_agreed(play: Any, receiver: Receiver, refusal: int) -> None:
    """Neither what waited when it was changed nor what comes while it has not answered."""

    async def scene(server: Server) -> None:
        made = await told(server, receiver)
        receiver.status = lambda came: 503
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.settled()
        receiver.came.clear()
        receiver.status = lambda came: refusal
        await server.put(to(made, f"{receiver.url}/new"))
        await server.settled()
        await server.put(circle("Practitioner/b"))
        for _ in range(3):
            await server.settled()
            server.clock.let_pass(3600)
        assert set(receiver.kinds()) == {"handshake"}
        receiver.came.clear()
        receiver.status = lambda came: 200
        await server.ask("POST", f"/_exchange/_replay?status=dead&destination=Subscription/{made['id']}")
        for _ in range(3):
            await server.settled()
            server.clock.let_pass(3600)
        assert receiver.kinds()[0] == "handshake"
        assert receiver.events() == [1, 2]
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"

    play(scene, first_pause=1)


def test_a_changed_endpoint_need_not_wait_for_what_the_one_before_made_wait(play: Any, receiver: Receiver) -> None:
    """Its messages were put off for up to an hour, and its circuit was open."""

    async def scene(server: Server) -> None:
        made = await told(server, receiver)
        receiver.status = lambda came: 503
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.settled()
        receiver.came.clear()
        receiver.status = lambda came: 200
        await server.put(to(made, f"{receiver.url}/new"))
        await server.settled()
        assert receiver.kinds() == ["handshake", "event-notification"]
        assert {one.path for one in receiver.came} == {"/told/new"}

    play(scene, first_pause=3600, failures=1, first_rest=3600)


@pytest.mark.parametrize("name", ["Idempotency-Key", "Expect", "Keep-Alive", "Proxy-Connection", "Accept-Encoding", "Content-Encoding"])
def test_a_header_that_says_how_the_message_goes_is_the_servers(play: Any, receiver: Receiver, name: str) -> None:
    async def scene(server: Server) -> None:
        asked = by_criteria("Patient?active=true", receiver.url)
        asked["channel"]["header"] = [f"{name}: x"]
        answer = await server.ask("POST", "/Subscription", asked)
        assert answer.status_code == 422
        assert answer.json()["issue"][0]["expression"] == ["Subscription.channel.header"]

    play(scene)


def test_one_without_a_status_stands_as_off(play: Any) -> None:
    async def scene(server: Server) -> None:
        made = await server.made({"resourceType": "Subscription"})
        bundle = await server.got(f"/Subscription/{made['id']}/$status")
        told = {one["name"]: one for one in bundle["entry"][0]["resource"]["parameter"]}
        assert told["status"]["valueCode"] == "off"

    play(scene)

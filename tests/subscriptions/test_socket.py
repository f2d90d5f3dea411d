"""Told on a socket: over real connections, on each store."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.subscriptions.receiver import Receiver, parameter, parts
from tests.subscriptions.server import Server, by_topic
from tests.subscriptions.sockets import (
    PATIENCE,
    Sockets,
    closed,
    criteria_on_socket,
    heard,
    kind,
    masked,
    nothing_heard,
    numbers,
    on_socket,
    parameter_of,
    shaken,
    topic_on_socket,
)
from tests.subscriptions.test_rest_hook import CIRCLE, circle, patient, topic, with_circle


async def asked(server: Server, *more: Any, **extensions: Any) -> str:
    """The id of an active Subscription of the circle's changes."""
    await with_circle(server)
    made = await server.made(topic_on_socket(topic(server, CIRCLE), *more, **extensions))
    await server.settled()
    assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"
    return str(made["id"])


async def changed(server: Server, times: int = 1, id_: str = "circle") -> None:
    """So many events."""
    for number in range(times):
        member = f"Practitioner/{'abc'[number % 3]}"
        await server.put(circle(member, id_=id_) | {"name": f"{number}"})
        await server.put(circle(member, f"Practitioner/{'bca'[number % 3]}", id_=id_) | {"name": f"{number}"})
    await server.followed()


async def events_of(server: Server, id_: str) -> int:
    subscriber = await server.parts.store.subscriptions.of(id_)
    assert subscriber is not None
    return subscriber.events


def test_a_token_says_what_it_binds_and_where(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        for path in (f"/Subscription/{id_}/$get-ws-binding-token", "/Subscription/$get-ws-binding-token"):
            answer = await server.got(path)
            assert parameter_of(answer, "subscription")["valueString"] == id_
            assert parameter_of(answer, "websocket-url")["valueUrl"] == "ws://testserver/fhir/websocket"
            assert len(parameter_of(answer, "token")["valueString"]) >= 43
            assert parameter_of(answer, "expiration")["valueDateTime"][:2] == "20"

    listen(scene)


def test_a_bound_socket_gets_a_handshake_and_then_the_events_in_their_order(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.open() as connection:
            await connection.send(f"bind-with-token {await sockets.token(id_)}")
            first = await heard(connection)
            assert (kind(first), parameter(first, "status")["valueCode"]) == ("handshake", "active")
            await changed(server, 3)
            came = [await heard(connection) for _ in range(await events_of(server, id_))]
            assert [number for one in came for number in numbers(one)] == list(range(1, len(came) + 1))
            assert {kind(one) for one in came} == {"event-notification"}
            assert len(came) >= 3
            focus = [part["valueReference"]["reference"] for one in came for part in parts(one, "focus")]
            assert set(focus) == {"http://testserver/fhir/CareTeam/circle"}
            assert await nothing_heard(connection)
        assert not await server.outbox(), "nothing waits for an endpoint that is not there"

    listen(scene)


@pytest.mark.parametrize("content", ["empty", "id-only", "full-resource"])
def test_as_much_is_told_as_is_asked_for(listen: Any, content: str) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server, content)
        async with sockets.bound(id_) as connection:
            await changed(server)
            bundle = await heard(connection)
            assert bool(list(parts(bundle, "focus"))) == (content != "empty")
            assert any("resource" in one for one in bundle["entry"][1:]) == (content == "full-resource")
            outcome = server.parts.validator.validate(bundle)
            assert not [one for one in outcome if one.severity in ("error", "fatal") and "backport" not in one.diagnostics], outcome

    listen(scene)


def test_who_comes_back_gets_all_that_they_missed_and_nothing_twice(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        got: list[int] = []
        for _ in range(4):
            await changed(server)
            async with sockets.open() as connection:
                await connection.send(f"bind-with-token {await sockets.token(id_)} {id_}={got[-1] if got else 0}")
                assert kind(await heard(connection)) == "handshake"
                await changed(server)
                while not got or got[-1] < await events_of(server, id_):
                    got += numbers(await heard(connection))
        await changed(server)
        assert got == list(range(1, len(got) + 1))
        assert len(got) >= 8

    listen(scene)


def test_without_a_number_only_what_comes_is_told(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        await changed(server, 2)
        before = await events_of(server, id_)
        async with sockets.open() as connection:
            await connection.send(f"bind-with-token {await sockets.token(id_)}")
            first = await heard(connection)
            assert parameter(first, "events-since-subscription-start")["valueString"] == str(before)
            await changed(server)
            assert numbers(await heard(connection)) == [before + 1]

    listen(scene)


def test_several_events_come_together_as_many_as_are_asked(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server, max_count=2)
        await changed(server, 3)
        newest = await events_of(server, id_)
        async with sockets.bound(id_, 0) as connection:
            got: list[list[int]] = []
            while not got or got[-1][-1] < newest:
                got.append(numbers(await heard(connection)))
        assert [one for each in got for one in each] == list(range(1, newest + 1))
        assert {len(one) for one in got[:-1]} == {2}

    listen(scene)


def test_two_sockets_and_two_subscriptions_are_told_each_their_own(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        one = await asked(server)
        other = (await server.made(criteria_on_socket("Patient?family=Martin")))["id"]
        await server.settled()
        async with sockets.open() as both, sockets.open() as single:
            await both.send(f"bind-with-token {await sockets.token(one, other)}")
            assert kind(await heard(both)) == "handshake"
            assert await both.recv() == f"bound {other}"
            await single.send(f"bind-with-token {await sockets.token(one)}")
            await heard(single)
            await server.made(patient())
            await server.followed()
            assert await asyncio.wait_for(both.recv(), PATIENCE) == f"ping {other}"
            await changed(server)
            for connection in (both, single):
                assert numbers(await heard(connection)) == [1]

    listen(scene)


def test_r4_binds_by_id_who_showed_who_they_are(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = (await server.made(criteria_on_socket("Patient?family=Martin")))["id"]
        await server.settled()
        async with sockets.open("anyone") as connection:
            await connection.send(f"bind {id_}")
            assert await connection.recv() == f"bound {id_}"
            await server.made(patient("Bernard"))
            await server.made(patient())
            await server.followed()
            assert await asyncio.wait_for(connection.recv(), PATIENCE) == f"ping {id_}"
            assert await nothing_heard(connection)
        async with sockets.open() as connection:
            await connection.send(f"bind {id_}")
            code, reason = await closed(connection)
            assert code == 1008
            assert "Authorization" in reason

    listen(scene)


def test_a_token_is_good_once_and_not_for_long(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        token, late = await sockets.token(id_), await sockets.token(id_)
        async with sockets.open() as connection:
            await connection.send(f"bind-with-token {token}")
            await heard(connection)
        for wrong in (token, "guessed", "x" * 5000, late):
            if wrong == late:
                server.clock.let_pass(61)
            async with sockets.open() as connection:
                await connection.send(f"bind-with-token {wrong}")
                code, reason = await closed(connection)
                assert code == 1008
                assert "ask for another" in reason
        assert sockets.seats.clients == {}

    listen(scene)


def test_signs_of_life_come_when_nothing_else_did(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server, heartbeat_period=60)
        async with sockets.bound(id_) as connection:
            server.clock.let_pass(30)
            assert await nothing_heard(connection, 1.5)
            await changed(server)
            assert kind(await heard(connection)) == "event-notification"
            server.clock.let_pass(50)
            assert await nothing_heard(connection, 1.5)
            server.clock.let_pass(11)
            beat = await heard(connection)
            assert (kind(beat), parameter(beat, "events-since-subscription-start")["valueString"]) == ("heartbeat", "1")
            await server.followed()
        assert not await server.outbox()

    listen(scene)


def test_what_is_off_is_told_no_more(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.bound(id_) as connection:
            assert (await server.ask("DELETE", f"/Subscription/{id_}")).status_code in (200, 204)
            server.clock.let_pass(11)
            last = await heard(connection)
            assert parameter(last, "status")["valueCode"] == "off"
            assert (await closed(connection))[0] == 1000

    listen(scene)


def test_one_that_is_made_anew_under_its_id_is_told_from_its_first_event(listen: Any) -> None:
    """Nobody looked between: it has as many events again as the one before."""

    async def scene(server: Server, sockets: Sockets) -> None:
        await with_circle(server)
        wanted = topic_on_socket(topic(server, CIRCLE)) | {"id": "s"}
        async with sockets.open() as connection:
            for round_ in range(2):
                await server.ask("DELETE", "/Subscription/s")
                await server.put(wanted)
                await server.settled()
                if not round_:
                    await connection.send(f"bind-with-token {await sockets.token('s')}")
                    await heard(connection)
                await changed(server, 1, id_=f"circle-{round_}")
                if round_:
                    assert kind(await heard(connection)) == "handshake"
                told = [numbers(await heard(connection)) for _ in range(await events_of(server, "s"))]
                assert told == [[1], [2]]

    listen(scene, watch=1)


def test_a_number_of_one_before_is_taken_for_none(listen: Any) -> None:
    """Who comes back after their Subscription was made anew misses nothing of it."""

    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        await changed(server)
        async with sockets.open() as connection:
            await connection.send(f"bind-with-token {await sockets.token(id_)} {id_}=99")
            await heard(connection)
            assert numbers(await heard(connection)) == [1]

    listen(scene)


@pytest.mark.parametrize(
    ("said", "code"), [("", 1008), ("hello", 1008), ("bind", 1008), ("bind ../x", 1008), (b"\x00", 1003), ("x" * 9000, 1009)]
)
def test_what_is_no_command_closes_the_socket(listen: Any, said: Any, code: int) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        async with sockets.open("anyone") as connection:
            await connection.send(said)
            assert (await closed(connection))[0] == code

    listen(scene)


def test_who_binds_nothing_is_sent_away(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        async with sockets.open() as connection:
            assert (await closed(connection))[0] == 1008
        assert sockets.seats.taken == 0

    listen(scene, unbound=0.3)


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [("https://evil.example", False), ("null", False), ("https://app.example.org", True), ("http://127.0.0.1:{port}", True)],
)
def test_pages_of_others_may_not_open_one(listen: Any, origin: str, is_allowed: bool) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        page = sockets.open(origin=origin.format(port=sockets.port))
        if is_allowed:
            async with page as connection:
                assert connection.response.status_code == 101
            return
        with pytest.raises(InvalidStatus) as refused:
            await page
        assert refused.value.response.status_code == 403
        assert b"cors_origins" in refused.value.response.body

    listen(scene)


def test_a_wrong_access_token_is_refused_at_once(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await sockets.open("nobody")
        assert refused.value.response.status_code == 401
        assert "www-authenticate" in refused.value.response.headers

    listen(scene)


def test_there_is_one_socket_and_no_other(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}
        async with httpx.AsyncClient() as client:
            root = f"http://127.0.0.1:{sockets.port}"
            assert (await client.get(f"{root}/fhir/Patient", headers=upgrade)).status_code == 404
            assert (await client.post(f"{root}/fhir/websocket", headers=upgrade)).status_code == 405
            assert (await client.get(f"{root}/fhir/websocket", headers=upgrade | {"X": "y" * 9000})).status_code == 400

    listen(scene)


def test_a_connection_that_asked_something_before_it_became_a_socket_lives_on(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        reader, writer = await asyncio.open_connection("127.0.0.1", sockets.port)
        writer.write(b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\nasked")
        await shaken(reader, writer)
        writer.write(masked(f"bind-with-token {await sockets.token(id_)}"))
        await reader.readexactly(2)
        await asyncio.sleep(1.5)  # longer than a head may take, and a connection stay silent
        assert sockets.seats.taken == 1
        writer.write(b"\x89\x80" + bytes(4))  # a ping
        assert (await reader.readuntil(b"\x8a\x00"))[-2:] == b"\x8a\x00"
        writer.close()

    listen(scene, head_seconds=0.5)


def test_there_are_only_so_many_sockets(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.open() as first, sockets.open() as second:
            await first.send(f"bind-with-token {await sockets.token(id_)}")
            await heard(first)
            await second.send(f"bind-with-token {await sockets.token(id_)}")
            code, reason = await closed(second)
            assert code == 1013
            assert "too many" in reason
        async with sockets.open(), sockets.open(), sockets.open():
            with pytest.raises(InvalidStatus) as refused:
                await sockets.open()
            assert refused.value.response.status_code == 503

    listen(scene, most=3, each=1)


def test_a_server_that_stops_says_that_it_goes_away(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.bound(id_) as connection:
            sockets.running.should_exit = True
            assert (await closed(connection))[0] == 1001

    listen(scene)


def test_a_payload_cannot_be_asked_with_criteria(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        wanted = criteria_on_socket("Patient?family=Martin")
        wanted["channel"]["payload"] = "application/fhir+json"
        answer = await server.ask("POST", "/Subscription", wanted)
        assert answer.status_code == 422
        assert "payload" in answer.text

    listen(scene)


def test_what_waits_for_an_endpoint_is_not_sent_once_sockets_are_asked_for(listen: Any, receiver: Receiver) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        await with_circle(server)
        wanted = by_topic(topic(server, CIRCLE), receiver.url)
        made = await server.made(wanted)
        await server.settled()
        await changed(server)
        receiver.came.clear()
        await server.put(on_socket(wanted) | {"id": made["id"]})
        await server.delivered()
        assert receiver.came == []
        notes = [one.note for one in await server.outbox(destination=f"Subscription/{made['id']}") if "another channel" in one.note]
        assert len(notes) == await events_of(server, made["id"])
        await server.settled()
        async with sockets.bound(made["id"], 0) as connection:
            assert numbers(await heard(connection)) == [1]

    listen(scene)

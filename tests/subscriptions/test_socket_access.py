"""Who may listen on a socket, at each moment, and how slowly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fhir_server.security.caller import OPEN, Caller
from tests.access.people import care_team, observation
from tests.subscriptions.receiver import parts
from tests.subscriptions.server import Server
from tests.subscriptions.sockets import (
    PATIENCE,
    Scene,
    Sockets,
    closed,
    criteria_on_socket,
    heard,
    kind,
    masked,
    nothing_heard,
    numbers,
    shaken,
    sockets_of,
    topic_on_socket,
)
from tests.subscriptions.test_rest_hook import CIRCLE, topic
from tests.subscriptions.test_who_is_told import OTHER, PRACTICE, world

PERSON = Caller("dr-martin", "portal", PRACTICE.scopes, actors=PRACTICE.actors)


@pytest.fixture
def listen(listen: Callable[..., Any]) -> Callable[..., Any]:
    """`listen(scene)`: a scene on a server with sockets, where two persons are and the practice stands in the circle of one."""

    def played(scene: Scene, **settings: Any) -> Any:
        async def in_the_world(server: Server, sockets: Sockets) -> Any:
            await world(server)
            return await scene(server, sockets)

        return listen(in_the_world, **settings)

    return played


async def asked(server: Server, content: str = "full-resource") -> str:
    """The practice's active Subscription of changes of circles."""
    made = await server.made(topic_on_socket(topic(server, CIRCLE), content), PRACTICE)
    await server.settled()
    return str(made["id"])


def test_what_is_hidden_before_it_is_told_keeps_its_number_only(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        await server.put(care_team("c", "seen", "Organization/practice", "Organization/other"))
        await server.followed()
        async with sockets.bound(id_, 0, caller=PRACTICE) as connection:
            shown = await heard(connection)
            assert numbers(shown) == [1]
            assert any("resource" in one for one in shown["entry"][1:])
            token = await sockets.token(id_, caller=PRACTICE)
            await server.put(care_team("c", "seen", "Organization/other"))  # the practice leaves
            await connection.send(f"bind-with-token {token} {id_}=0")
            await heard(connection)
            hidden = await heard(connection)
            assert (numbers(hidden), list(parts(hidden, "focus")), len(hidden["entry"])) == ([1], [], 1)

    listen(scene)


def test_a_client_that_is_revoked_hears_nothing_more(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.open() as told, sockets.open() as silent:
            for connection in (told, silent):
                await connection.send(f"bind-with-token {await sockets.token(id_, caller=PRACTICE)}")
                await heard(connection)
            late = await sockets.token(id_, caller=PRACTICE)
            await server.put(care_team("c", "seen", "Organization/practice", "Organization/other"))
            await server.followed()
            assert kind(await heard(told)) == kind(await heard(silent)) == "event-notification"
            server.callers.revoked.add("practice")
            server.clock.let_pass(11)  # nothing happens, and it is noticed
            assert await closed(told) == await closed(silent) == (1008, "This client is let in no more.")
        async with sockets.open() as connection:
            await connection.send(f"bind-with-token {late}")
            assert (await closed(connection))[0] == 1008

    listen(scene)


def test_an_event_that_was_logged_already_is_not_told_to_who_was_revoked(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        async with sockets.bound(id_, caller=PRACTICE) as connection:
            await server.put(care_team("c", "seen", "Organization/practice", "Organization/other"))
            await server.followed()
            server.callers.revoked.add("practice")
            assert (await server.parts.store.subscriptions.newest([id_]))[id_].events == 1
            came: list[Any] = []
            assert (await closed(connection, came))[0] == 1008
            assert came == []

    listen(scene, watch=2)


def test_nobody_binds_what_they_do_not_see(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        answer = await server.ask("GET", f"/Subscription/{id_}/$get-ws-binding-token", caller=OTHER)
        assert answer.status_code == 404
        assert (await server.ask("GET", "/Subscription/$get-ws-binding-token", caller=OTHER)).status_code == 422
        sockets.shown.callers["other"] = OTHER
        async with sockets.open("other") as connection:
            await connection.send(f"bind {id_}")
            assert (await closed(connection))[0] == 1008
        async with sockets.open("other") as connection:
            await connection.send(f"bind-with-token {await sockets.token(id_, caller=PRACTICE)}")
            code, reason = await closed(connection)
            assert code == 1008
            assert "another client" in reason

    listen(scene)


def test_a_person_gets_no_token_and_binds_nothing(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        assert (await server.ask("GET", f"/Subscription/{id_}/$get-ws-binding-token", caller=PERSON)).status_code == 403
        sockets.shown.callers["person"] = PERSON
        async with sockets.open("person") as connection:
            await connection.send(f"bind {id_}")
            code, reason = await closed(connection)
            assert (code, "Registered clients" in reason) == (1008, True)

    listen(scene)


def test_without_the_scope_there_is_no_token(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        blind = replace(PRACTICE, scopes=tuple(replace(one, type="Patient") for one in PRACTICE.scopes))
        assert (await server.ask("GET", f"/Subscription/{id_}/$get-ws-binding-token", caller=blind)).status_code == 403
        assert (await server.ask("GET", "/Subscription/$get-ws-binding-token", caller=blind)).status_code == 403

    listen(scene)


def test_r4_pings_only_for_what_the_owner_sees(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = (await server.made(criteria_on_socket("Observation?status=final"), PRACTICE))["id"]
        await server.settled()
        sockets.shown.callers["practice"] = PRACTICE
        async with sockets.open("practice") as connection:
            await connection.send(f"bind {id_}")
            assert await connection.recv() == f"bound {id_}"
            await server.put(observation("not-theirs", "hidden"))
            await server.followed()
            assert await nothing_heard(connection)
            await server.put(observation("theirs", "seen"))
            await server.followed()
            assert await asyncio.wait_for(connection.recv(), PATIENCE) == f"ping {id_}"

    listen(scene)


def test_what_is_shown_on_a_socket_is_in_the_audit_trail(play: Any) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        async with sockets_of(server) as sockets:
            id_ = await asked(server)
            async with sockets.bound(id_, caller=PRACTICE) as connection:
                await server.put(care_team("c", "seen", "Organization/practice", "Organization/other"))
                await server.followed()
                await heard(connection)
        officer = replace(OPEN, subject="officer", client="officer", roles=frozenset(["data-protection-officer"]))
        found = await server.got("/AuditEvent?entity=CareTeam/c&_count=1000", officer)
        told = [one["resource"] for one in found["entry"] if "notification" in json.dumps(one["resource"].get("subtype"))]
        assert len(told) == 1
        assert "practice" in json.dumps(told[0]["agent"])

    play(scene, audit=True)


def test_who_takes_nothing_is_cut_off_and_holds_no_memory(listen: Any) -> None:
    async def scene(server: Server, sockets: Sockets) -> None:
        id_ = await asked(server)
        for number in range(60):  # a notification of some 200 KB each
            members = [f"Organization/{one}" for one in ("practice", "other")[: 1 + number % 2]]
            team = care_team("c", "seen", *members)
            await server.put(team | {"note": [{"text": "x" * 200_000}]})
        await server.followed()
        newest = (await server.parts.store.subscriptions.of(id_)).events
        assert newest > 40
        reader, writer = await asyncio.open_connection("127.0.0.1", sockets.port, limit=1024)
        writer.get_extra_info("socket").setsockopt(1, 8, 4096)
        await shaken(reader, writer)
        writer.write(masked(f"bind-with-token {await sockets.token(id_, caller=PRACTICE)} {id_}=0"))
        await asyncio.sleep(1)
        (protocol,) = sockets.running.server_state.connections
        assert protocol.transport.get_write_buffer_size() < 1_000_000, "one notification at most waits, of 12 MB"
        async with asyncio.timeout(PATIENCE):
            while sockets.seats.taken:  # noqa: ASYNC110 - seats tell nobody
                await asyncio.sleep(0.05)
        writer.close()
        got: list[int] = []
        async with sockets.open(max_size=None) as connection:
            await connection.send(f"bind-with-token {await sockets.token(id_, caller=PRACTICE)} {id_}=0")
            await heard(connection)
            while len(got) < newest:
                got += numbers(await heard(connection))
        assert got == list(range(1, newest + 1))

    listen(scene, seconds=1.5)

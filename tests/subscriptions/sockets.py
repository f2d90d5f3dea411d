"""Sockets of a server for one test, over real connections: who opens one shows who they are, or not, as a browser."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.responses import PlainTextResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fhir_server.guarded_protocol import Limits, guarded
from fhir_server.guarded_socket import guarded_socket
from fhir_server.rest.authentication import Unauthenticated
from fhir_server.rest.seats import Seats
from fhir_server.rest.websocket import SocketApplication, SocketSettings
from fhir_server.security.caller import OPEN, Caller
from fhir_server.sockets import SocketsApart
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.event_watch import EventWatch
from fhir_server.subscriptions.listener import Listening
from fhir_server.subscriptions.socket_command import LONGEST
from tests.patience import PATIENCE
from tests.subscriptions.receiver import parameter, parts
from tests.subscriptions.server import BASE, Server, by_criteria, by_topic

Resource = dict[str, Any]


@dataclass
class Shown:
    """Authentication of those who open a socket: `Bearer NAME` is one of the callers."""

    callers: dict[str, Caller] = field(default_factory=lambda: {"anyone": OPEN})
    is_required = True

    async def caller_of(self, scope: Any) -> Caller:
        found = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        if found not in self.callers:
            raise Unauthenticated
        return self.callers[found]

    async def require(self, caller: Caller) -> None:
        pass

    def place_of(self, scope: Any) -> None:
        return None


@dataclass
class Sockets:
    """Where they are opened."""

    server: Server
    shown: Shown
    seats: Seats
    port: int
    running: uvicorn.Server

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/fhir/websocket"

    def open(self, who: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        return connect(self.url, additional_headers=headers, proxy=None, **options)

    @asynccontextmanager
    async def bound(self, id_: str, since: int | None = None, caller: Caller = OPEN) -> AsyncIterator[ClientConnection]:
        """One that has bound the Subscription, and has heard the handshake."""
        async with self.open() as connection:
            newest = "" if since is None else f" {id_}={since}"
            await connection.send(f"bind-with-token {await self.token(id_, caller=caller)}{newest}")
            await heard(connection)
            yield connection

    async def token(self, *ids: str, caller: Caller = OPEN) -> str:
        asked = "&".join(f"id={one}" for one in ids)
        answer = await self.server.got(f"/Subscription/$get-ws-binding-token?{asked}", caller)
        return str(parameter_of(answer, "token")["valueString"])


def parameter_of(parameters: Any, name: str) -> Any:
    assert parameters["resourceType"] == "Parameters", parameters
    return next(one for one in parameters["parameter"] if one["name"] == name)


Scene = Callable[[Server, Sockets], Any]


async def heard(connection: ClientConnection) -> Any:
    """The next Bundle."""
    return json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))


async def nothing_heard(connection: ClientConnection, seconds: float = 0.6) -> bool:
    try:
        await asyncio.wait_for(connection.recv(), seconds)
    except TimeoutError:
        return True
    return False


async def closed(connection: ClientConnection, came: list[Any] | None = None) -> tuple[int, str]:
    """With what the server closes it, behind what came before."""
    try:
        while True:
            text = await asyncio.wait_for(connection.recv(), PATIENCE)
            if came is not None:
                came.append(text)
    except ConnectionClosed as end:
        return (end.rcvd.code, end.rcvd.reason) if end.rcvd is not None else (1006, "")


def kind(bundle: Any) -> str:
    return str(parameter(bundle, "type")["valueCode"])


def numbers(bundle: Any) -> list[int]:
    return [int(one["valueString"]) for one in parts(bundle, "event-number")]


def on_socket(subscription: Resource) -> Resource:
    """The same, told on sockets."""
    channel = {name: value for name, value in subscription["channel"].items() if name != "endpoint"}
    return subscription | {"channel": channel | {"type": "websocket"}}


def topic_on_socket(topic: str, *more: Any, **extensions: Any) -> Resource:
    return on_socket(by_topic(topic, "", *more, **extensions))


def criteria_on_socket(criteria: str) -> Resource:
    return on_socket(by_criteria(criteria, ""))


async def shaken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The opening handshake, by hand."""
    writer.write(
        b"GET /fhir/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")


def masked(text: str) -> bytes:
    """A text frame as a client sends it, under a mask of zeros."""
    body = text.encode()
    length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + body


@asynccontextmanager
async def sockets_of(
    server: Server, *, seconds: float = 30, most: int = 20, each: int = 10, unbound: float = 5, watch: float = 0.02,
    head_seconds: float = 30,
) -> AsyncIterator[Sockets]:  # fmt: skip
    """`seconds`: so long a client may take nothing."""
    shown, seats = Shown(), Seats(most, each)
    composer = Composer(server.parts.topics, server.parts.interactions.schema, BASE, server.clock)
    listening = Listening(
        server.parts.interactions, server.serving.sight, server.service.acceptance, composer,
        EventWatch(server.parts.store.subscriptions, watch), server.clock, seats.take,
    )  # fmt: skip
    application = SocketApplication(listening, shown, seats, SocketSettings("", ("https://app.example.org",), unbound))
    config = uvicorn.Config(
        SocketsApart(PlainTextResponse("asked"), application),
        log_config=None, lifespan="off", http=guarded(Limits(seconds=head_seconds)), ws=guarded_socket(seconds), ws_max_size=LONGEST,
        ws_per_message_deflate=False, timeout_graceful_shutdown=5, timeout_keep_alive=1,
    )  # fmt: skip
    running = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(running.serve([listener]))
        while not running.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield Sockets(server, shown, seats, listener.getsockname()[1], running)
        running.should_exit = True
        await task

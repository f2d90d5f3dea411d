"""The socket of Subscriptions at `/fhir/websocket`, as an ASGI application: who may open it, and for how long it stays open.

What is said on it is `subscriptions.listener`'s. A browser opens one from any page, so pages of others are refused; who has bound nothing
after a while has no business here. How slowly notifications may be taken is a matter of the connection (`guarded_socket`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from fhir_server.model.issue import Category, FhirError, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.rest.admission import Admit, everyone
from fhir_server.rest.authentication import Authentication, Unauthenticated
from fhir_server.rest.errors import headers_of, status_of
from fhir_server.rest.origin import may_open
from fhir_server.rest.seats import Seats
from fhir_server.rest.security_headers import secured
from fhir_server.security.caller import NOBODY, Caller
from fhir_server.subscriptions.listener import POLICY, Ended, Listener, Listening

PATH = "/websocket"
"""Below the FHIR base."""

LOOK_SECONDS = 1.0
"""How exact signs of life and checks are."""
UNBOUND_SECONDS = 10.0
NOT_TEXT, FAILED = 1003, 1011
_SCHEMES = {"ws": "http", "wss": "https"}

logger = logging.getLogger("passerelle.websocket")


def websocket_url(base: str) -> str:
    """Where the socket of a FHIR base is."""
    return f"ws{base.removeprefix('http')}{PATH}"


class _Left(Exception):
    """The client has gone, or the server is stopping."""


@dataclass(frozen=True)
class SocketSettings:
    """`base_url` and `origins` say which pages may open one; seconds until something must be bound."""

    base_url: str = ""
    origins: Sequence[str] = ()
    unbound_seconds: float = UNBOUND_SECONDS


class SocketApplication:
    """`root` is the path of the FHIR base."""

    def __init__(
        self, listening: Listening, authentication: Authentication, seats: Seats, settings: SocketSettings, admit: Admit = everyone,
        root: str = "/fhir",
    ):  # fmt: skip
        self._listening = listening
        self._authentication = authentication
        self._seats = seats
        self._settings = settings
        self._admit = admit
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        asked = {**scope, "scheme": _SCHEMES.get(scope["scheme"], scope["scheme"]), "root_path": scope.get("root_path", "") + self._root}
        try:
            known = await self._admitted(asked)
            self._seats.enter()
        except FhirError as error:
            await _refuse(error, asked, send)
            return
        listener = Listener(self._listening, _sending(send), known)
        try:
            await send({"type": "websocket.accept"})
            await self._serve(listener, receive, send)
        except OSError:
            pass  # it is gone
        finally:
            self._seats.leave(listener.client)

    async def _admitted(self, scope: Scope) -> Caller | None:
        """Who opens it, where they show it; a browser cannot, and binds by a token."""
        scope["caller"] = NOBODY
        try:
            if scope["path"] != scope["root_path"] + PATH:
                raise fault(Category.NOT_FOUND, "not-found", f"There is no socket here; it is at {self._root}{PATH}.")
            if not may_open(scope, self._settings.base_url, self._settings.origins):
                raise fault(Category.FORBIDDEN, "forbidden", "Pages of this origin may not open a socket (the setting cors_origins).")
            caller = await self._caller(scope)
            scope["caller"] = caller or NOBODY
            return caller
        finally:
            self._admit(scope)

    async def _caller(self, scope: Scope) -> Caller | None:
        try:
            return await self._authentication.caller_of(scope)
        except Unauthenticated:
            if any(name == b"authorization" for name, _ in scope["headers"]):
                raise
            return None

    async def _serve(self, listener: Listener, receive: Receive, send: Send) -> None:
        """Until one side ends it."""
        try:
            with self._listening.watch.watching(listener):
                await self._talk(listener, receive)
        except _Left:
            return
        except Ended as end:
            code, reason = end.code, end.reason
        except FhirError as error:
            code, reason = FAILED, f"The server cannot go on now ({error.category.value}); open it again."
        except Exception as error:
            logger.error("socket failed: %s", type(error).__name__)
            code, reason = FAILED, "The server failed; open it again."
        client = listener.client.client if listener.client else None
        logger.info("socket closed", extra={"code": code, "client": client})
        await send({"type": "websocket.close", "code": code, "reason": reason.encode()[:123].decode(errors="ignore")})

    async def _talk(self, listener: Listener, receive: Receive) -> None:
        """What comes is heard between two notifications, one at a time."""
        deadline = asyncio.get_running_loop().time() + self._settings.unbound_seconds
        receiving = asyncio.ensure_future(receive())
        try:
            more = False
            while True:
                await _something(receiving, listener, 0 if more else LOOK_SECONDS)
                if receiving.done():
                    message = receiving.result()
                    receiving = asyncio.ensure_future(receive())
                    await listener.hears(_text(message))
                if not listener.bindings and asyncio.get_running_loop().time() > deadline:
                    raise Ended(POLICY, f"Nothing was bound within {self._settings.unbound_seconds:g} seconds.")
                more = await listener.turn()
        finally:
            receiving.cancel()


async def _something(receiving: asyncio.Future[Message], listener: Listener, seconds: float) -> None:
    """Until something comes, or there is news, or the time is over."""
    news = asyncio.ensure_future(listener.news.wait())
    waited: list[asyncio.Future[Any]] = [receiving, news]
    try:
        await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        news.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await news
    listener.news.clear()


def _text(message: Message) -> str:
    if message["type"] == "websocket.disconnect":
        raise _Left
    text = message.get("text")
    if not isinstance(text, str):
        raise Ended(NOT_TEXT, "Send text.")
    return text


def _sending(send: Send) -> Callable[[str], Awaitable[None]]:
    async def sending(text: str) -> None:
        await send({"type": "websocket.send", "text": text})

    return sending


async def _refuse(error: FhirError, scope: Scope, send: Send) -> None:
    """By an HTTP answer, in place of the socket."""
    headers = secured([(b"content-type", b"application/fhir+json"), *headers_of(error)], scope)
    await send({"type": "websocket.http.response.start", "status": status_of(error), "headers": headers})
    await send({"type": "websocket.http.response.body", "body": encode_json(operation_outcome(error.issues))})

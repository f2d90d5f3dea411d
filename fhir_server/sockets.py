"""Where the socket of Subscriptions is joined to the server."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from fhir_server.assembly import Parts
from fhir_server.following import base_of, sight_of
from fhir_server.rest.admission import Admit, everyone
from fhir_server.rest.seats import Seats
from fhir_server.rest.service import Service
from fhir_server.rest.websocket import SocketApplication, SocketSettings
from fhir_server.settings import Settings
from fhir_server.store.opening import now
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.event_watch import EventWatch
from fhir_server.subscriptions.listener import Listening


class SocketsApart:
    """Pure ASGI: every socket is `sockets`' affair, wherever it is asked for; all else is the application's."""

    def __init__(self, app: ASGIApp, sockets: ASGIApp):
        self._app = app
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._sockets if scope["type"] == "websocket" else self._app)(scope, receive, send)


def sockets(parts: Parts, settings: Settings, service: Service, seats: Seats, admit: Admit = everyone) -> SocketApplication:
    """The application of the sockets of one process."""
    composer = Composer(parts.topics, parts.interactions.schema, base_of(settings), now)
    listening = Listening(
        parts.interactions, sight_of(service), service.acceptance, composer, EventWatch(parts.store.subscriptions), now, seats.take,
    )  # fmt: skip
    pages = SocketSettings(settings.base_url or "", settings.cors_origins)
    return SocketApplication(listening, service.authentication, seats, pages, admit)

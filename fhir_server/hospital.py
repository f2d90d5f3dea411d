"""Where the hospital adapter is joined to the server: its ways in (MLLP, HTTP, a folder), the in-process endpoint, the store's inbox."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.endpoint import InboxMessage, InboxStatus, Settlement
from adapters.hl7v2.folder import WatchedFolder
from adapters.hl7v2.handshake import Refusals
from adapters.hl7v2.http import hl7v2_route
from adapters.hl7v2.listener import hl7v2_reception, mllp_listener
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.reception import Reception, Refusal
from adapters.hl7v2.tls import server_context
from adapters.hl7v2.tls_renewal import renewing
from fhir_server.assembly import Parts
from fhir_server.model.issue import FhirError
from fhir_server.partners import acknowledged_partners
from fhir_server.rest.authentication import Authentication
from fhir_server.rest.errors import headers_of, status_of
from fhir_server.rest.known_clients import KnownClients
from fhir_server.security.bringing import may_bring, suffice
from fhir_server.security.client import Clients
from fhir_server.security.sender import SenderRefused, Shown, sending_client
from fhir_server.settings import Settings
from fhir_server.store.change import InboxSettlement
from fhir_server.store.inbox import Inbox, InboxRow

MAY_NOT_BRING = "Messages are brought by registered software whose token has system/Patient.cu and system/Encounter.cu."


@dataclass(frozen=True, slots=True)
class Hospital:
    """The open ways in. `mllp_port` is None where the settings ask for no MLLP."""

    reception: Reception
    mllp_port: int | None


@asynccontextmanager
async def hospital(parts: Parts, settings: Settings, refusals: Refusals | None = None) -> AsyncIterator[Hospital]:
    """The ways in that the settings ask for, while the block runs; that of HTTP is `message_route`. `refusals`: of handshakes of MLLP."""
    async with AsyncExitStack() as ways:
        reception = await ways.enter_async_context(_reception(parts, settings))
        port = None
        if settings.mllp:
            listening = mllp_listener(
                reception, host=settings.mllp_host, port=settings.mllp_port, limit=settings.hl7v2_max_bytes,
                idle=settings.mllp_idle_seconds, connections=settings.mllp_connections, tls=mllp_tls(settings), refusals=refusals,
            )  # fmt: skip
            server = await ways.enter_async_context(listening)
            port = server.port
            if files := mllp_tls_files(settings):
                await ways.enter_async_context(renewing(server, files, lambda: server_context(*files)))
        if settings.hl7v2_folder is not None:
            peer = Peer(client=settings.hl7v2_folder_client)
            folder = WatchedFolder(settings.hl7v2_folder, reception.receive, reception.oversized, peer, limit=settings.hl7v2_max_bytes)
            await ways.enter_async_context(folder.watching())
        yield Hospital(reception, port)


@asynccontextmanager
async def hospital_listener(parts: Parts, settings: Settings) -> AsyncIterator[int | None]:
    """The MLLP listener's port while it runs."""
    async with hospital(parts, settings) as opened:
        yield opened.mllp_port


def _reception(parts: Parts, settings: Settings) -> AbstractAsyncContextManager[Reception]:
    """Of several processes on one database the one that messages come to by MLLP or files goes on with what was left over."""
    zones = {sender: ZoneInfo(zone) for sender, zone in settings.sender_zones.items()}
    return hl7v2_reception(
        parts.endpoint, StoreInbox(parts.store.inbox), zone=ZoneInfo(settings.zone), zones=zones,
        languages=settings.sender_languages, sites=settings.sites, schema=parts.definitions.schema,
        refusal=sender_refusal(KnownClients(parts.store.registry), required=settings.authentication == "required"),
        recovers=settings.mllp or settings.hl7v2_folder is not None, partners=acknowledged_partners(settings),
    )  # fmt: skip


def mllp_tls(settings: Settings) -> ssl.SSLContext | None:
    """What MLLP shows and asks for; FhirError names a file that is wrong."""
    files = mllp_tls_files(settings)
    return server_context(*files) if files else None


def mllp_tls_files(settings: Settings) -> list[Path]:
    """The chain, its key and the authorities, as far as they are named; none where MLLP goes in the clear."""
    if settings.mllp_tls_certificate is None or settings.mllp_tls_key is None:
        return []
    files = (settings.mllp_tls_certificate, settings.mllp_tls_key, settings.mllp_client_authorities)
    return [file for file in files if file is not None]


def message_route(opened: Hospital, authentication: Authentication, settings: Settings, fhir_base: str) -> Route:
    """`POST /hl7v2`: who sends is known as for a FHIR write at `fhir_base` (tokens are bound to it), and who may send in which name is
    decided as for MLLP."""

    async def identify(request: Request) -> Peer | Response:
        try:
            caller = await authentication.caller_of({**request.scope, "root_path": fhir_base})
        except FhirError as error:
            headers = {name.decode(): value.decode() for name, value in headers_of(error)}
            return PlainTextResponse(str(error), status_of(error), headers)
        if not authentication.is_required:
            return Peer(address=request.client.host if request.client else "")
        if caller.subject != caller.client or not suffice(caller.scopes):
            return PlainTextResponse(MAY_NOT_BRING, 403)
        return Peer(client=caller.client)

    reception = opened.reception
    return hl7v2_route(reception.receive, reception.oversized, identify, settings.hl7v2_max_bytes)


def sender_refusal(clients: KnownClients, *, required: bool, clock: Callable[[], float] = time.time) -> Refusal:
    """Why a sender may not send from somewhere, by what is registered (docs/security.md); FhirError where that cannot be known now."""

    async def refusal(sender: str, peer: Peer) -> str | None:
        try:
            known = await clients.now()
            client = sending_client(sender, _shown(peer, known), known, clock(), required=required)
        except SenderRefused:
            return "The sender (MSH-3, MSH-4) is not registered for where the message comes from; ask the operator of the server."
        if client is None or may_bring(client, sender):
            return None
        return "The sender is registered without the right to write patients and stays; ask the operator of the server."

    return refusal


def _shown(peer: Peer, known: Clients) -> Shown:
    """Who has shown a certificate or token of a client is that client, wherever it connects from."""
    client = peer.client
    if not client and peer.certificate in known.by_certificate:
        client = known.by_certificate[peer.certificate].id
    return Shown(client) if client else Shown(address=peer.address)


class StoreInbox:
    """The store's inbox in the words of `adapters.endpoint.Inbox`."""

    def __init__(self, inbox: Inbox):
        self._inbox = inbox

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxMessage:
        return _message(await self._inbox.receive(channel, sender, key, raw, received))

    async def keep_beginning(self, message: InboxMessage) -> None:
        await self._inbox.keep_beginning(InboxRow(*_VALUES(message)))

    async def same_key(self, message: InboxMessage) -> list[InboxMessage]:
        rows = await self._inbox.same_key(message.channel, message.sender, message.key, message.number)
        return [_message(row) for row in rows]

    @asynccontextmanager
    async def turn(self, message: InboxMessage) -> AsyncIterator[list[InboxMessage]]:
        async with self._inbox.turn(InboxRow(*_VALUES(message))) as due:
            yield [_message(row) for row in due]

    async def settle(self, settlement: Settlement) -> None:
        await self._inbox.settle(InboxSettlement(settlement.number, settlement.reply, settlement.note))

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        await self._inbox.fail(number, note, reply)

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxMessage]:
        return [_message(row) for row in await self._inbox.find(status, limit)]


def _message(row: InboxRow) -> InboxMessage:
    return InboxMessage(*_VALUES(row))


_VALUES = attrgetter(*(field.name for field in fields(InboxMessage)))

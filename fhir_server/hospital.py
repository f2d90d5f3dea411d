"""Where the hospital adapter is joined to the server: the MLLP listener on the in-process endpoint and the store's inbox."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple
from zoneinfo import ZoneInfo

from adapters.endpoint import InboxMessage, InboxStatus, Settlement
from adapters.hl7v2.listener import Refusal, hl7v2_listener
from fhir_server.assembly import Parts
from fhir_server.model.issue import FhirError
from fhir_server.rest.known_clients import KnownClients
from fhir_server.security.sender import SenderRefused, Shown, sending_client
from fhir_server.settings import Settings
from fhir_server.store.change import InboxSettlement
from fhir_server.store.inbox import Inbox, InboxRow


@asynccontextmanager
async def hospital_listener(parts: Parts, settings: Settings) -> AsyncIterator[int | None]:
    """The listener's port while it runs; None where the settings ask for none."""
    if not settings.mllp:
        yield None
        return
    zones = {sender: ZoneInfo(zone) for sender, zone in settings.sender_zones.items()}
    listening = hl7v2_listener(
        parts.endpoint, StoreInbox(parts.store.inbox), host=settings.mllp_host, port=settings.mllp_port,
        zone=ZoneInfo(settings.zone), zones=zones,
        refusal=sender_refusal(KnownClients(parts.store.registry), required=settings.authentication == "required"),
    )  # fmt: skip
    async with listening as server:
        yield server.port


def sender_refusal(clients: KnownClients, *, required: bool, clock: Callable[[], float] = time.time) -> Refusal:
    """Why a sender may not send from an address, by what is registered (docs/security.md); nobody may where that cannot be known."""

    async def refusal(sender: str, address: str) -> str | None:
        try:
            sending_client(sender, Shown(address=address), await clients.now(), clock(), required=required)
        except SenderRefused:
            return "The sender (MSH-3, MSH-4) is not registered for where the message comes from; ask the operator of the server."
        except FhirError:
            return "Nobody can tell now who may send; nothing of the message was kept. Send it again later."
        return None

    return refusal


class StoreInbox:
    """The store's inbox in the words of `adapters.endpoint.Inbox`."""

    def __init__(self, inbox: Inbox):
        self._inbox = inbox

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxMessage:
        return _message(await self._inbox.receive(channel, sender, key, raw, received))

    async def same_key(self, message: InboxMessage) -> list[InboxMessage]:
        rows = await self._inbox.same_key(message.channel, message.sender, message.key, message.number)
        return [_message(row) for row in rows]

    async def settle(self, settlement: Settlement) -> None:
        await self._inbox.settle(InboxSettlement(settlement.number, settlement.reply, settlement.note))

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        await self._inbox.fail(number, note, reply)

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxMessage]:
        return [_message(row) for row in await self._inbox.find(status, limit)]


def _message(row: InboxRow) -> InboxMessage:
    return InboxMessage(*astuple(row))

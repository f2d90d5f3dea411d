"""What authentication keeps: registered clients, this server's signing keys, and which assertions were used already."""

from __future__ import annotations

from typing import Protocol

import msgspec

from fhir_server.security.access_token import SigningKey
from fhir_server.security.client import Client

GONE_AT_ONCE = 100
"""How many assertions that have ended are forgotten with each new one."""


class Registry(Protocol):
    """Shared by all processes of a database."""

    async def revision(self) -> int:
        """Raised by every change of a client, whichever process made it; asked with every request, so it costs little."""

    async def clients(self) -> list[Client]:
        """All, by id, those too that no longer count."""

    async def add(self, client: Client) -> bool:
        """False, and nothing changed, where there is one of this id already."""

    async def replace(self, client: Client) -> None:
        """Put it in the place of the one with its id."""

    async def first_use(self, digest: bytes, expires: int, now: int) -> bool:
        """True for the first that names this digest, in whatever process; it is remembered until `expires` (seconds since 1970)."""

    async def signing_keys(self) -> list[SigningKey]:
        """All, the oldest first."""

    async def add_signing_key(self, key: SigningKey, gone: int) -> None:
        """Keep a new key, and forget those created before `gone` (seconds since 1970)."""


def packed(client: Client) -> bytes:
    """A client as its row holds it."""
    return msgspec.json.encode(client)


def unpacked(content: bytes) -> Client:
    """The client of a row."""
    return msgspec.json.decode(content, type=Client)

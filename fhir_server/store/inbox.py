"""A message as it came, as the store keeps it (the shape that `adapters.endpoint.InboxMessage` asks for)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

InboxStatus = Literal["received", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """`number` orders the inbox; (channel, sender, key, digest) is unique; `received` in microseconds since 1970-01-01 UTC."""

    number: int
    channel: str
    sender: str
    key: str
    digest: str
    received: int
    raw: bytes
    status: InboxStatus
    attempts: int
    note: str | None
    reply: bytes | None

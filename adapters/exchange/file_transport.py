"""Messages as files in a folder that somebody else empties: each appears whole, by a rename, and once for each key."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from adapters.endpoint import OutboxMessage
from adapters.exchange.transport import Answer, Receipt

ENDINGS = {"application/fhir+json": ".json", "application/json": ".json", "application/fhir+xml": ".xml", "application/pdf": ".pdf"}
OTHER = ".dat"


@dataclass(frozen=True, slots=True)
class FileTransport:
    """Names sort in the order of the outbox: `000000000012-` and a digest of the key. A file of the same name is replaced by itself."""

    folder: Path

    async def deliver(self, message: OutboxMessage) -> Answer:
        name = file_name(message)
        await asyncio.to_thread(write_whole, self.folder / name, message.body)
        return Receipt(f"written as {name}", delivered=False)

    async def close(self) -> None:
        """Nothing is held."""


def file_name(message: OutboxMessage) -> str:
    """Where a message goes; nothing of a sender's making is part of it."""
    media_type = message.content_type.partition(";")[0].strip().lower()
    return f"{message.number:012}-{hashlib.sha256(message.key.encode()).hexdigest()[:16]}{ENDINGS.get(media_type, OTHER)}"


def write_whole(path: Path, content: bytes) -> None:
    """Durable under its name, or not there. OSError where it cannot be written."""
    beside = path.with_name(f".{path.name}.part")
    descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Certificates of the MLLP listener that are read again when their files change, without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from ssl import SSLContext

from adapters.hl7v2.server import MllpServer
from fhir_server.model.issue import FhirError

log = logging.getLogger("passerelle.mllp")
LOOK_SECONDS = 5.0

Stamp = tuple[tuple[int, int, int] | None, ...]


def stamp(files: Sequence[Path]) -> Stamp:
    """What changes when a file is written or replaced."""
    return tuple(_of(file) for file in files)


def _of(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextlib.asynccontextmanager
async def renewing(
    server: MllpServer, files: Sequence[Path], read: Callable[[], SSLContext], seconds: float = LOOK_SECONDS
) -> AsyncIterator[None]:
    """While the block runs, let the listener use the files as they are now; as long as they cannot be used it goes on with what it had."""
    task = asyncio.create_task(_watch(server, files, read, seconds, stamp(files)))
    try:
        yield
    finally:
        task.cancel()


async def _watch(server: MllpServer, files: Sequence[Path], read: Callable[[], SSLContext], seconds: float, seen: Stamp) -> None:
    while True:
        await asyncio.sleep(seconds)
        if (now := stamp(files)) != seen:
            seen = now
            await _renew(server, read)


async def _renew(server: MllpServer, read: Callable[[], SSLContext]) -> None:
    """A chain without its key yet, or half a file, is told and left: the next change is looked at again."""
    try:
        await server.renew(read())
    except (FhirError, OSError) as error:
        log.error("the certificates of the MLLP listener changed and cannot be used; it goes on with those it had: %s", error)
    else:
        log.info("the MLLP listener uses the certificates as they are now")

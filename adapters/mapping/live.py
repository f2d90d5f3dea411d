"""Maps that are read again while the program runs, as soon as a file of theirs changes.

A change that cannot be used is told in the log, once, and the maps in use stay in use.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.mapping.maps import Library
from adapters.mapping.source import MapError

log = logging.getLogger("passerelle.maps")

Fingerprint = frozenset[tuple[str, int, int]]


def fingerprint(folders: Sequence[Path]) -> Fingerprint:
    """What tells that a file came, went or changed."""
    files = (file for folder in folders for file in folder.rglob("*") if file.suffix in (".yaml", ".json"))
    return frozenset((str(file), status.st_mtime_ns, status.st_size) for file in files if (status := _status(file)))


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None


async def watch(folders: Sequence[Path], load: Callable[[], Library], use: Callable[[Library], None], seconds: float = 2.0) -> None:
    """Look every so many seconds until cancelled; `use` gets each library that could be loaded."""
    before = fingerprint(folders)
    while True:
        await asyncio.sleep(seconds)
        now = fingerprint(folders)
        if now != before:
            before = now
            await _renew(load, use)


async def _renew(load: Callable[[], Library], use: Callable[[Library], None]) -> None:
    try:
        library = await asyncio.to_thread(load)
    except MapError as error:
        log.error("the maps changed and cannot be used; those of before stay in use: %s", error.issues[0].diagnostics)
        return
    use(library)
    log.info("the maps changed and are in use: %d maps, %d senders with a site", len(library.maps), len(library.sites))

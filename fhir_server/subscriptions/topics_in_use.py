"""The topics of a running server: ours and those of an integrator's folder, which is read again when a file of it changes.

A change that cannot be used is told in the log, once, and the topics in use stay in use.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import structlog

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.reading import TopicFault
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.topics import files_of, load_topics

log = structlog.stdlib.get_logger("passerelle.subscriptions")
LOOK_SECONDS = 2.0


class TopicsInUse(Mapping[str, Topic]):
    """By canonical URL, as they are at this moment; ours until a folder is taken in."""

    def __init__(self, definitions: Definitions):
        self._definitions = definitions
        self._topics = load_topics(definitions)

    def __getitem__(self, url: str) -> Topic:
        return self._topics[url]

    def __iter__(self) -> Iterator[str]:
        return iter(self._topics)

    def __len__(self) -> int:
        return len(self._topics)

    @contextlib.asynccontextmanager
    async def with_those_of(self, folder: Path, seconds: float = LOOK_SECONDS) -> AsyncIterator[None]:
        """Take in the folder, and again when a file of it changes, while the block runs. TopicFault where it cannot be used at first."""
        files = files_of(folder)
        self._topics = load_topics(self._definitions, files)
        task = asyncio.create_task(self._renew(folder, files, seconds), name="passerelle-topics")
        try:
            yield
        finally:
            task.cancel()

    async def _renew(self, folder: Path, files: Mapping[str, bytes], seconds: float) -> None:
        told = ""
        while True:
            await asyncio.sleep(seconds)
            try:
                found = await asyncio.to_thread(files_of, folder)
                if found != files:
                    self._topics = load_topics(self._definitions, found)
                    log.info("the topics changed and are in use", topics=len(self))
                files, told = found, ""
            except TopicFault as fault:
                if str(fault) != told:
                    log.error("the topics changed and cannot be used; those of before stay in use", fault=str(fault))
                told = str(fault)

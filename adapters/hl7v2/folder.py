"""A folder that is watched for files of HL7 v2 messages, for senders that cannot connect.

    NAME -> working/NAME -> done/NAME or failed/NAME, with the acknowledgements in acknowledgements/NAME.ack

Each step is a rename, so a file is in one place and whole. A file is taken once two looks find it unchanged; it should be written elsewhere
and renamed into the folder all the same. What a crash left in `working` is done again: the inbox knows the messages that were taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.exchange.oversized import HEAD, Oversized
from adapters.hl7v2.acknowledgement import acknowledgement_code, may_come_again
from adapters.hl7v2.batch import MessageFile, answer_file, read_messages
from adapters.hl7v2.connection import Handler, OversizedHandler
from adapters.hl7v2.mllp import DEFAULT_LIMIT
from adapters.hl7v2.peer import Peer
from fhir_server.model.issue import FhirError

WORKING, DONE, FAILED, ANSWERS = "working", "done", "failed", "acknowledgements"
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", ".writing", ".swp")
GOOD = ("AA", "CA", "")
Look = dict[str, tuple[int, int]]
"""Files by name, with size and time of the last change."""
MOST_BYTES = 256 * 1024 * 1024
PATIENCE = 60.0

A_FILE = Peer()
log = logging.getLogger("passerelle.hl7v2")


class TooLarge(OSError):
    """A file with a message that is larger than what is taken, or that is too large itself."""

    def __init__(self, sentence: str, message: Oversized):
        super().__init__(sentence)
        self.message = message


class WatchedFolder:
    """`every`: seconds between looks; `pause`: seconds before a file is tried again of which something could not be stored; `peer`: whose
    messages they are; `limit`: the largest message in bytes; `oversized` is told of one that is larger."""

    def __init__(
        self, folder: Path, receive: Handler, oversized: OversizedHandler, peer: Peer = A_FILE, *,
        limit: int = DEFAULT_LIMIT, every: float = 2.0, pause: float = 10.0,
    ):  # fmt: skip
        self.folder, self._receive, self._oversized, self._peer = folder, receive, oversized, peer
        self._limit, self._every, self._pause = limit, every, pause
        self._stopping = asyncio.Event()
        self._seen: Look = {}

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While the block runs; on the way out the message that runs is finished. OSError where the folder cannot be used."""
        await asyncio.to_thread(self._prepare)
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._stopping.set()
            await task

    async def look(self) -> int:
        """Take what is ready, the oldest first; returns how many files. What was begun before comes first."""
        names = await asyncio.to_thread(self._ready)
        for name in names:
            if self._stopping.is_set():
                break
            await self._file(name)
        return len(names)

    async def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.look()
            except Exception as error:
                log.error("the folder of HL7 v2 files cannot be read: %s", type(error).__name__)
            await self._stopped_within(self._every)

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _prepare(self) -> None:
        for name in (WORKING, DONE, FAILED, ANSWERS):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def _ready(self) -> list[str]:
        """Names in `working`, after those that are whole have been put there."""
        now = {entry.name: (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in os.scandir(self.folder) if _is_message_file(entry)}
        ready = sorted((one for one in now if self._seen.get(one) == now[one]), key=lambda one: now[one][1])
        self._seen = now
        begun = sorted(entry.name for entry in os.scandir(self.folder / WORKING))
        taken = [_free(self.folder / WORKING / name) for name in ready]
        for name, place in zip(ready, taken, strict=True):
            os.rename(self.folder / name, place)
        return [*begun, *(place.name for place in taken)]

    async def _file(self, name: str) -> None:
        path = self.folder / WORKING / name
        try:
            found = await asyncio.to_thread(self._read, path)
        except (FhirError, OSError) as error:
            log.warning("an HL7 v2 file cannot be used: %s", error if isinstance(error, FhirError) else type(error).__name__)
            if isinstance(error, TooLarge):
                await self._oversized(error.message, self._peer)
            await asyncio.to_thread(self._refuse, path, str(error))
            return
        answers = await self._answers(found)
        if answers is not None:
            await asyncio.to_thread(self._finish, path, found, answers)

    def _read(self, path: Path) -> MessageFile:
        if (size := path.stat().st_size) > MOST_BYTES:
            sentence = f"The file has more than {MOST_BYTES} bytes; send it in parts."
            raise TooLarge(sentence, Oversized(_first_message(path), size, MOST_BYTES))
        found = read_messages(path.read_bytes())
        for number, one in enumerate(found.messages, 1):
            if len(one) > self._limit:
                sentence = f"Message {number} has more than {self._limit} bytes. Nothing of the file was used."
                raise TooLarge(sentence, Oversized(one[: min(HEAD, self._limit)], len(one), self._limit))
        return found

    async def _answers(self, found: MessageFile) -> list[bytes] | None:
        """The answer to each message; None where the server stops before it has all, and the next start goes on."""
        answers = []
        for message in found.messages:
            while may_come_again(answer := await self._answer(message)):
                if await self._stopped_within(self._pause):
                    return None
            answers.append(answer)
            if self._stopping.is_set() and len(answers) < len(found.messages):
                return None
        return answers

    async def _answer(self, message: bytes) -> bytes:
        """The last word: of a message that is only accepted at first, what became of it, where that is asked for and known soon enough."""
        answer = await self._receive(message, self._peer)
        if answer.application is None:
            return answer.reply or b""
        try:
            return await asyncio.wait_for(answer.application, PATIENCE) or answer.reply or b""
        except TimeoutError:
            return answer.reply or b""

    def _finish(self, path: Path, found: MessageFile, answers: list[bytes]) -> None:
        good = all(not one or acknowledgement_code(one) in GOOD for one in answers)
        place = _free(self.folder / (DONE if good else FAILED) / path.name)
        _write(self.folder / ANSWERS / f"{place.name}.ack", answer_file(answers, found))
        os.rename(path, place)
        log.info("an HL7 v2 file of %d messages is %s", len(found.messages), place.parent.name)

    def _refuse(self, path: Path, sentence: str) -> None:
        place = _free(self.folder / FAILED / path.name)
        _write(self.folder / ANSWERS / f"{place.name}.error", f"{sentence}\n".encode())
        os.rename(path, place)


def _is_message_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and not entry.name.startswith(".") and not entry.name.lower().endswith(UNFINISHED)


def _first_message(path: Path) -> bytes:
    """How the first message of a file begins, after the headers of file and batch."""
    with path.open("rb") as stream:
        beginning = stream.read(HEAD)
    return beginning[max(beginning.find(b"MSH|"), 0) :]


def _free(place: Path) -> Path:
    """The same name, or with a number where that is taken."""
    number, found = 1, place
    while found.exists():
        found, number = place.with_name(f"{place.name}.{number}"), number + 1
    return found


def _write(place: Path, content: bytes) -> None:
    """Durable and whole, or not there."""
    unfinished = place.with_name(f".{place.name}.tmp")
    with unfinished.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(unfinished, place)

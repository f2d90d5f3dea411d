"""The files of a job: one gzip stream cut into pieces, written and read without ever being held whole."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from fhir_server.model.issue import Category, fault
from fhir_server.store.job import Jobs

PIECE_BYTES = 512 * 1024
"""Packed bytes of a piece, about."""

BUFFER_BYTES = 256 * 1024
UNPACKED_BYTES = 1024 * 1024
"""Most bytes that are unpacked at a time, whatever a piece unpacks to."""

_LEVEL = 4
_GZIP = 31


class JobFileWriter:
    """Bytes in, pieces into the store; nothing is kept until `close`, which must be awaited."""

    def __init__(self, jobs: Jobs, job: str, name: str):
        self.name = name
        self._jobs = jobs
        self._job = job
        self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._waiting: list[bytes] = []
        self._size = 0
        self._packed = bytearray()
        self._number = 0

    async def write(self, content: bytes) -> None:
        self._waiting.append(content)
        self._size += len(content)
        if self._size >= BUFFER_BYTES:
            await self._pack()
        if len(self._packed) >= PIECE_BYTES:
            await self._keep()

    async def close(self) -> None:
        await self._pack()
        self._packed += self._packer.flush()
        await self._keep()

    async def _pack(self) -> None:
        content, self._waiting, self._size = b"".join(self._waiting), [], 0
        self._packed += await asyncio.to_thread(self._packer.compress, content)

    async def _keep(self) -> None:
        await self._jobs.append(self._job, self.name, self._number, bytes(self._packed))
        self._packed.clear()
        self._number += 1


async def packed(jobs: Jobs, job: str, name: str) -> AsyncIterator[bytes]:
    """The file as gzip."""
    number = 0
    while (piece := await jobs.part(job, name, number)) is not None:
        yield piece
        number += 1


async def unpacked(jobs: Jobs, job: str, name: str) -> AsyncIterator[bytes]:
    """The file's own bytes."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    async for piece in packed(jobs, job, name):
        waiting = piece
        while waiting:
            content = await asyncio.to_thread(unpacker.decompress, waiting, UNPACKED_BYTES)
            waiting = unpacker.unconsumed_tail
            if content:
                yield content


async def lines(content: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """The lines of a text that comes in pieces, without their ends; TOO_LARGE for one of more than `most` bytes."""
    rest: list[bytes] = []
    size = 0
    async for piece in content:
        for is_whole, line in _cut(piece):
            rest.append(line)
            size += len(line)
            if size > most:
                raise fault(Category.TOO_LARGE, "too-long", f"A line has more than {most} bytes; each is to be one resource.")
            if is_whole:
                yield b"".join(rest)
                rest, size = [], 0
    if rest:
        yield b"".join(rest)


def _cut(piece: bytes) -> Iterator[tuple[bool, bytes]]:
    """What stands before each line end, and what is behind the last."""
    *whole, rest = piece.split(b"\n")
    yield from ((True, line) for line in whole)
    if rest:
        yield False, rest

"""A partner of the tests that listens on a socket and says wrong things, or the right ones wrongly, by HTTP or MLLP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

END = object()
"""In a script: the connection is closed."""
Script = Sequence[bytes | float | object]
"""Bytes that are written (`{key}` is the message's), seconds of silence, END."""


@dataclass
class FaultyPartner:
    """`scripts`: by key, what is said to the first, second... delivery of a message; afterwards `well`.

    `took`: the keys of all that came whole, in order; `promised`: those of them that were answered `well`, or by a script in `good`.
    """

    well: bytes
    scripts: Mapping[str, list[Script]]
    good: Sequence[Script] = ()
    took: list[str] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)
    port: int = 0

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while key := await self._key(reader):
                script = self._next(key)
                if not await _said(writer, script, key):
                    return
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _next(self, key: str) -> Script:
        self.took.append(key)
        waiting = self.scripts.get(key, [])
        script = waiting.pop(0) if waiting else [self.well]
        if script in ([self.well], *self.good):
            self.promised.add(key)
        return script

    async def _key(self, reader: asyncio.StreamReader) -> str:
        """Of the next message, MSH-10 by MLLP and the body by HTTP; empty at the end."""
        if self.well.startswith(b"\x0b"):
            return (await reader.readuntil(b"\x1c\r")).split(b"|")[9].decode()
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        assert length
        return (await reader.readexactly(int(length[1]))).decode()


async def _said(writer: asyncio.StreamWriter, script: Script, key: str) -> bool:
    """False where the connection is to be closed."""
    for piece in script:
        if piece is END:
            return False
        if isinstance(piece, bytes):
            writer.write(piece.replace(b"{key}", key.encode()))
            await writer.drain()
        else:
            await asyncio.sleep(_seconds(piece))
    return True


def _seconds(piece: Any) -> float:
    return float(piece)

"""A partner by HTTP that takes messages as partners do: mostly well, sometimes slowly, twice, with errors, with nonsense."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable

from tests.patience import PATIENCE

Answer = Callable[[], Awaitable[bytes | None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
ERROR = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 0\r\n\r\n"
NONSENSE = b"\x00\xff 200 OK"


class Sink:
    """`took`: the bodies that it took, in order; `misbehaves`: how many of a hundred it answers badly."""

    def __init__(self, misbehaves: int = 0, seed: int = 1):
        self.took: list[str] = []
        self.port = 0
        self._bad = misbehaves
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Sink:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        """End the connections that are still open."""
        open_ = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (body := await _request(reader)) is not None:
                answer = await self._answer(body.decode())
                writer.write(answer or b"")
                if answer is None or answer == NONSENSE:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: str) -> bytes | None:
        """None: taken, and the connection closed without a word."""
        chance = self._random.randrange(100)
        if chance >= self._bad:
            self.took.append(body)
            return OK
        kind = chance % 5
        if kind == 0:
            return ERROR
        self.took.append(body)
        if kind == 1:
            await asyncio.sleep(0.1)
            return OK
        if kind == 2:
            await asyncio.sleep(1.5)  # longer than the worker waits: it comes again
            return OK
        return NONSENSE if kind == 3 else None


async def _request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    return await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))

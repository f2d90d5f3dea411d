"""A bulk export: begun, waited for, fetched line by line (https://hl7.org/fhir/uv/bulkdata/STU2/export.html)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio
import httpx

from fhir_server.client.connection import Connection
from fhir_server.client.failure import NotUnderstood
from fhir_server.client.representation import Resource, decoded
from fhir_server.client.retry import seconds_of

NDJSON = "application/fhir+ndjson"
PROGRESS_SECONDS = 1.0
"""Between two questions for the state, where the server does not say."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file: resources of `type`, or OperationOutcomes of an error file."""

    type: str
    url: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was exported. `transaction_time` is the `_since` of the next export."""

    transaction_time: str
    requires_access_token: bool
    output: tuple[Output, ...]
    error: tuple[Output, ...]
    deleted: tuple[Output, ...]


class Export:
    """An export that the server works on; `url` is where its state is asked for, and can be kept to go on in another process."""

    def __init__(self, connection: Connection, url: str, sleep: Callable[[float], Awaitable[object]] = anyio.sleep):
        self._connection, self.url, self._sleep = connection, connection.url(url), sleep
        self.progress: str | None = None

    async def wait(self) -> Manifest:
        """The manifest when all is ready; Refused where the export failed.

        It asks as often as the server wishes, and for ever: `asyncio.timeout` bounds it.
        """
        while True:
            answer = await self._connection.ask("GET", self.url, headers={"Accept": "application/json"})
            if answer.status_code == 200:
                return manifest(decoded(answer.content))
            await self._sleep(self._pause(answer))

    async def resources(self, manifest: Manifest) -> AsyncIterator[Resource]:
        """Every resource of every file."""
        for output in manifest.output:
            async for resource in self.download(output, manifest):
                yield resource

    async def download(self, output: Output, manifest: Manifest) -> AsyncIterator[Resource]:
        """The resources of one file, one by one, whatever its size."""
        needs_token = manifest.requires_access_token
        async with self._connection.streamed(output.url, {"Accept": NDJSON}, with_credentials=needs_token) as answer:
            async for line in lines(answer.aiter_bytes()):
                yield decoded(line)

    async def cancel(self) -> None:
        """Stop the export, or let the server throw its files away."""
        await self._connection.ask("DELETE", self.url)

    def _pause(self, answer: httpx.Response) -> float:
        self.progress = answer.headers.get("x-progress")
        asked = seconds_of(answer.headers.get("retry-after"), datetime.now(UTC))
        return PROGRESS_SECONDS if asked is None else max(asked, 0.05)


def begun(answer: httpx.Response) -> str:
    """Where the state of an export is asked for."""
    place = answer.headers.get("content-location")
    if answer.status_code != 202 or place is None:
        raise NotUnderstood(f"The server answered {answer.status_code} without Content-Location: it has begun no export.")
    return str(place)


def manifest(told: Resource) -> Manifest:
    """A manifest as the server wrote it."""
    lists = {name: tuple(map(_output, told.get(name, []))) for name in ("output", "error", "deleted")}
    try:
        return Manifest(told["transactionTime"], bool(told["requiresAccessToken"]), **lists)
    except KeyError as error:
        raise NotUnderstood(f"The manifest of the export lacks {error}.") from error


async def lines(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of NDJSON that are not blank; only a line feed ends one, as other line ends of Unicode may stand in a JSON string."""
    rest = b""
    async for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in filter(bytes.strip, whole):
            yield line
    if rest.strip():
        yield rest


def _output(told: Resource) -> Output:
    return Output(told["type"], told["url"], told.get("count"))

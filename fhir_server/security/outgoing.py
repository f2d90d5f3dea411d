"""The one place through which this server asks others: packages, `$import`, keys and documents of issuers, whatever comes later.

An address is asked only where an allow-list names it (`destination`) and its IP address may be reached (`pinned`). Each redirect is a new
address and checked as such; credentials stay with the origin they are meant for. Sizes and waiting are bounded. No proxy of the
environment is used: it would resolve the names in our place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urljoin

import httpx

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.security.destination import Allowed, Destination, destination
from fhir_server.security.pinned import PinnedTransport

REDIRECTS = 3
SECONDS = 30.0
"""So long an answer may take in all, unless a caller says otherwise."""

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""So long one silence may last."""

HEADERS = {"user-agent": "Passerelle", "accept-encoding": "identity"}
"""What is packed may unpack to anything, so it is not asked for."""

MEBIBYTE = 2**20
CREDENTIALS = frozenset(("authorization", "cookie", "proxy-authorization", "dpop", "x-api-key"))


class Answer(NamedTuple):
    """A whole answer, whatever its status; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What may be asked: `allowed` are entries of an allow-list (`Allowed`), `setting` is where an operator adds one, `networks` are those
    inside that names may lead to. `transport` stands in for the network.
    """

    allowed: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    setting: str = "allowed_hosts"
    seconds: float = SECONDS
    transport: httpx.AsyncBaseTransport | None = None
    _rules: tuple[Allowed, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rules", tuple(Allowed.read(entry) for entry in self.allowed))

    def check(self, url: str) -> Destination:
        """The address. FORBIDDEN where it is not plain, or no entry allows it."""
        asked = destination(url)
        if asked is None:
            reason = "it is no plain address; write https://HOST/PATH, without user, `..` or other alphabets"
            raise refused(url, f"{reason} ({self.setting} says which are asked).")
        if not any(rule.covers(asked) for rule in self._rules):
            named = ", ".join(self.allowed) or "nothing"
            raise refused(url, f"the setting {self.setting} allows {named}. If {asked.host}:{asked.port} should be asked, add it there.")
        return asked

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, most: int = MEBIBYTE) -> Answer:
        """A small document (a key set, a discovery document), `most` bytes at most. Errors are those of `opened`."""
        async with self.opened(url, headers=headers) as response:
            return await whole(response, most, self.seconds)

    async def post(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None, most: int = MEBIBYTE) -> Answer:
        """A form sent (introspection, a token request); a redirect of it is an answer like others and not followed."""
        async with self._client() as client, bounded(url, self.seconds):
            request = client.build_request("POST", str(self.check(url)), data=dict(form), headers=dict(headers or {}))
            response = await client.send(request, stream=True)
            try:
                return await whole(response, most, self.seconds)
            finally:
                await response.aclose()

    def download(self, url: str, target: Path, most: int) -> int:
        """The status of the answer; the body of a 200 is in `target`. For commands and starts, which do nothing else meanwhile."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self._saved(url, target, most))
        with ThreadPoolExecutor(1) as thread:  # a loop cannot run within a loop
            return thread.submit(asyncio.run, self._saved(url, target, most)).result()

    async def _saved(self, url: str, target: Path, most: int) -> int:
        async with self.opened(url) as response:
            if response.status_code == 200:
                with target.open("wb") as stream:
                    async for piece in pieces(response, most, self.seconds):
                        stream.write(piece)
            return response.status_code

    @asynccontextmanager
    async def opened(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.Response]:
        """The head of an answer to GET, after redirects; its body is to be read by `pieces`. FORBIDDEN, or BUSY where none came."""
        async with self._client() as client:
            async with bounded(url, self.seconds):
                response = await self._followed(client, url, dict(headers or {}))
            try:
                yield response
            finally:
                await response.aclose()

    def _client(self) -> httpx.AsyncClient:
        transport = self.transport or PinnedTransport(self.networks)
        return httpx.AsyncClient(headers=HEADERS, transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    async def _followed(self, client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> httpx.Response:
        asked = self.check(url)
        for _ in range(REDIRECTS + 1):
            response = await client.send(client.build_request("GET", str(asked), headers=headers), stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            following = self.check(urljoin(str(asked), response.headers["location"]))
            headers = headers if following.origin == asked.origin else _without_credentials(headers)
            asked = following
        raise fault(Category.BUSY, "transient", f"{url[:200]}: redirected more than {REDIRECTS} times.")


def refused(url: str, reason: str) -> FhirError:
    """FORBIDDEN, with the address and why it is not asked."""
    return fault(Category.FORBIDDEN, "security", f"Passerelle may not fetch {url[:200]}: {reason}")


def _without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in CREDENTIALS}


@asynccontextmanager
async def bounded(url: str, seconds: float) -> AsyncIterator[None]:
    """What goes wrong on the way is BUSY, with the address and a reason."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise _unanswered(url, f"no answer within {seconds:g} seconds") from None
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise _unanswered(url, str(error) or type(error).__name__) from None


def _unanswered(url: str, reason: str) -> FhirError:
    return fault(Category.BUSY, "transient", f"{url[:200]} cannot be fetched: {reason}.")


async def pieces(response: httpx.Response, most: int, seconds: float) -> AsyncIterator[bytes]:
    """The body as it comes, packed where it is; TOO_LARGE beyond `most` bytes, BUSY where waiting for it takes `seconds` in all.

    Only waiting counts: what the reader does between two pieces may take its time.
    """
    url, total, waited = str(response.request.url), 0, 0.0
    source = response.aiter_raw() if _is_packed(response.headers) else response.aiter_bytes()
    while (timed := await _next(source, url, seconds - waited)) is not None:
        piece, waiting = timed
        waited, total = waited + waiting, total + len(piece)
        if total > most:
            raise fault(Category.TOO_LARGE, "too-costly", f"{url[:200]}: longer than {most} bytes; it was not kept.")
        yield piece


async def _next(source: AsyncIterator[bytes], url: str, seconds: float) -> tuple[bytes, float] | None:
    began = monotonic()
    async with bounded(url, seconds):
        piece = await anext(source, None)
    return None if piece is None else (piece, monotonic() - began)


def _is_packed(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")


def plain(url: str, headers: Mapping[str, str]) -> None:
    """BUSY where an answer is packed; header names in lower case."""
    if _is_packed(headers):
        raise _unanswered(url, "the answer is packed, although it was asked for plain")


async def whole(response: httpx.Response, most: int, seconds: float) -> Answer:
    plain(str(response.request.url), response.headers)
    body = b"".join([piece async for piece in pieces(response, most, seconds)])
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)

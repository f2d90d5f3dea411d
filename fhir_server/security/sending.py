"""Messages sent to one destination over connections that stay open, under the same rules as all that this server asks (`outgoing`).

No redirect is followed: what moved is for the operator to look at.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import httpx

from fhir_server.security.destination import Destination
from fhir_server.security.kept_connections import MOST_BYTES, KeptConnections, Place, WholeAnswer, request_bytes
from fhir_server.security.outgoing import HEADERS, Answer, Outgoing, bounded, plain, refused, whole
from fhir_server.security.pinned import CheckedAddresses, Remembered, Resolve, resolve

NAME_SECONDS = 30.0
"""So long the addresses of the destination's name are remembered."""

MOST_ADDRESSES = 256
"""So many addresses of messages at the destination are remembered as allowed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An address that may be asked: its parts, and what of it stands in a request: the header field Host, and its target."""

    destination: Destination
    host: str
    target: str


class _Way(Protocol):
    """How a request gets to the other end. httpx's errors where no answer came."""

    async def exchange(self, asked: _Asked, method: str, fields: Mapping[str, str], body: bytes) -> Answer: ...

    async def close(self) -> None: ...


class Sending:
    """For one destination: every address it is asked to send to has the same origin as `url`. `tls` shows a certificate of ours.

    The addresses of its name are checked for each request, and only those that were are connected to.
    """

    def __init__(self, outgoing: Outgoing, url: str, tls: ssl.SSLContext | bool = True, resolve: Resolve = resolve):
        self._outgoing = outgoing
        self._url = url
        self._allowed = lru_cache(MOST_ADDRESSES)(self._checked)
        stand_in = outgoing.transport
        self._way: _Way = _StandIn(stand_in, outgoing.seconds) if stand_in else _Network(outgoing.networks, tls, resolve)

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The whole answer, whatever its status. FORBIDDEN where the address may not be asked, BUSY where no answer came."""
        asked = self._allowed(url)
        fields = {"host": asked.host, **HEADERS, **{name.lower(): value for name, value in headers.items()}}
        async with bounded(url, self._outgoing.seconds):
            return await self._way.exchange(asked, method, fields, body)

    async def close(self) -> None:
        await self._way.close()

    def _checked(self, url: str) -> _Asked:
        asked = self._outgoing.check(url)
        if asked.origin != self._outgoing.check(self._url).origin:
            raise refused(url, "it lies elsewhere than the destination that it is sent to.")
        parts = httpx.URL(str(asked))
        return _Asked(asked, parts.netloc.decode("ascii"), parts.raw_path.decode("ascii"))


class _Network:
    """To the addresses of the destination's name, in turn, until one can be connected to."""

    def __init__(self, networks: tuple[str, ...], tls: ssl.SSLContext | bool, resolve: Resolve):
        self._addresses = CheckedAddresses(networks, Remembered(NAME_SECONDS, resolve))
        self._connections = KeptConnections(tls)

    async def exchange(self, asked: _Asked, method: str, fields: Mapping[str, str], body: bytes) -> Answer:
        to = asked.destination
        wire = request_bytes(method, asked.target, fields, body)
        failure: httpx.TransportError = httpx.ConnectError(f"{to.host} has no address")
        for address in await self._addresses(to.host, to.port):
            try:
                found = await self._connections.exchange(Place(to.scheme, address, to.port, to.host), wire)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            else:
                return _plain(str(to), found)
        raise failure

    async def close(self) -> None:
        await self._connections.close()


def _plain(url: str, found: WholeAnswer) -> Answer:
    plain(url, found.headers)
    return Answer(*found)


class _StandIn:
    """What stands in for the network."""

    def __init__(self, transport: httpx.AsyncBaseTransport, seconds: float):
        self._transport, self._seconds = transport, seconds

    async def exchange(self, asked: _Asked, method: str, fields: Mapping[str, str], body: bytes) -> Answer:
        request = httpx.Request(method, str(asked.destination), headers=dict(fields), content=body)
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            return await whole(response, MOST_BYTES, self._seconds)
        finally:
            await response.aclose()

    async def close(self) -> None:
        await self._transport.aclose()

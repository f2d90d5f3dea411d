"""Connections go to the address that was checked: a name is resolved once, here, and never again by a library.

Otherwise a name could mean a public address while it is checked and 127.0.0.1 while it is connected to (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from time import monotonic

import httpx

from fhir_server.model.issue import Category, fault
from fhir_server.security.network_address import is_loopback_name, is_public, is_within

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A host's IP addresses, in the order in which they are to be tried."""


async def resolve(host: str, port: int) -> list[str]:
    """As the system resolves names. Raises httpx.ConnectError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"{host} has no address: {error.strerror or error}") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Remembered:
    """A resolver that asks once in so many seconds; what it gives is checked each time all the same."""

    def __init__(self, seconds: float, inner: Resolve = resolve, clock: Callable[[], float] = monotonic):
        self._seconds, self._inner, self._clock = seconds, inner, clock
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        until, addresses = self._known.get((host, port), (0.0, []))
        if self._clock() >= until:
            addresses = await self._inner(host, port)
            self._known[host, port] = self._clock() + self._seconds, addresses
        return addresses


class CheckedAddresses:
    """Resolves, and checks every address found. `networks` are those inside that may be reached."""

    def __init__(self, networks: Iterable[str] = (), resolve: Resolve = resolve):
        self._networks = tuple(networks)
        self._resolve = resolve

    async def __call__(self, host: str, port: int) -> list[str]:
        """All or nothing: a name of which one address lies inside is no public name, and FORBIDDEN."""
        addresses = await self._resolve(host, port)
        for address in addresses:
            if not may_reach(host, address, self._networks):
                sentence = f"{host} has the address {address}, which is not public; if it should be reached, add it to allowed_networks."
                raise fault(Category.FORBIDDEN, "security", sentence)
        return addresses


@lru_cache(maxsize=1024)
def may_reach(host: str, address: str, networks: tuple[str, ...]) -> bool:
    """A public address, one of the networks, one that the allow-list names as such, or this machine by its usual name."""
    is_itself = host == address or (is_loopback_name(host) and is_loopback_name(address))
    return is_itself or is_public(address) or is_within(address, networks)


class PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to addresses that were checked only, with the name in Host, SNI and the check of the certificate.

    `networks` are those inside that may be reached. A connection serves one exchange, so that none is shared by two names of one address.
    """

    def __init__(self, networks: Iterable[str] = (), resolve: Resolve = resolve, tls: ssl.SSLContext | bool = True):
        self._addresses = CheckedAddresses(networks, resolve)
        self._inner = httpx.AsyncHTTPTransport(verify=tls, limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        failure: httpx.TransportError = httpx.ConnectError(f"{host} has no address")
        for address in await self._addresses(host, port):
            try:
                return await self._inner.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        await self._inner.aclose()


def _to(address: str, request: httpx.Request) -> httpx.Request:
    """The request as it goes to the address; its Host header is there already."""
    extensions = request.extensions | {"sni_hostname": request.url.host}
    return httpx.Request(
        request.method, request.url.copy_with(host=address), headers=request.headers, stream=request.stream, extensions=extensions
    )

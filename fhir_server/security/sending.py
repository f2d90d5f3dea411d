"""Messages sent to one destination over connections that stay open, under the same rules as all that this server asks (`outgoing`).

No redirect is followed: what moved is for the operator to look at.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

from fhir_server.security.destination import Destination
from fhir_server.security.kept_connections import KeptConnections
from fhir_server.security.outgoing import HEADERS, MEBIBYTE, TIMEOUT, Answer, Outgoing, bounded, refused, whole
from fhir_server.security.pinned import PinnedTransport, Remembered

NAME_SECONDS = 30.0
"""So long the addresses of the destination's name are remembered."""


class Sending:
    """For one destination: every address it is asked to send to has the same origin as `url`. `tls` shows a certificate of ours."""

    def __init__(self, outgoing: Outgoing, url: str, tls: ssl.SSLContext | bool = True):
        self._outgoing = outgoing
        self._url = url
        self._origin: tuple[str, str, int] | None = None
        self._transport = outgoing.transport or PinnedTransport(outgoing.networks, Remembered(NAME_SECONDS), inner=KeptConnections(tls))

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The whole answer, whatever its status. FORBIDDEN where the address may not be asked, BUSY where no answer came."""
        request = httpx.Request(method, str(self._checked(url)), headers=HEADERS | dict(headers), content=body)
        request.extensions["timeout"] = TIMEOUT.as_dict()
        async with bounded(url, self._outgoing.seconds):
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                return await whole(response, MEBIBYTE, self._outgoing.seconds)
            finally:
                await response.aclose()

    async def close(self) -> None:
        await self._transport.aclose()

    def _checked(self, url: str) -> Destination:
        asked = self._outgoing.check(url)
        if self._origin is None:
            self._origin = self._outgoing.check(self._url).origin
        if asked.origin != self._origin:
            raise refused(url, "it lies elsewhere than the destination that it is sent to.")
        return asked

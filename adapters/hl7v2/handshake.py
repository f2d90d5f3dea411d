"""The TLS handshake of a connection that comes in, and why one was refused: who sends nothing is heard of nowhere else.

asyncio ends such a connection without a word, so the listener accepts without TLS and begins it itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

log = logging.getLogger("passerelle.mllp")
HANDSHAKE_SECONDS = 10.0


class Reason(NamedTuple):
    """`name` is the label of the metric; `sentence` says what happened and how it is mended."""

    name: str
    sentence: str


ENDED = Reason("ended", "the connection ended before TLS stood, as a probe of the port does, or a sender that does not trust us")
SLOW = Reason("timeout", f"TLS did not stand within {HANDSHAKE_SECONDS:.0f} seconds; have the sender begin with TLS")
UNKNOWN = Reason("other", "TLS could not be agreed upon")
NO_CERTIFICATE = Reason("no_certificate", "the sender showed no certificate; give it one of an authority of mllp_client_authorities")
UNTRUSTED = Reason(
    "untrusted_certificate", "the sender's certificate is not accepted; renew it or name its authority (mllp_client_authorities)"
)
IN_THE_CLEAR = Reason("no_tls", "what came is not TLS; have the sender speak TLS to this port")
TOO_OLD = Reason("protocol", "no version or cipher in common; the sender needs TLS 1.2 or later")
OURS_REFUSED = Reason("our_certificate", "the sender does not accept our certificate (mllp_tls_certificate); give it our authority")

_REASONS = {
    NO_CERTIFICATE: "PEER_DID_NOT_RETURN_A_CERTIFICATE",
    UNTRUSTED: "CERTIFICATE_VERIFY_FAILED",
    IN_THE_CLEAR: "WRONG_VERSION_NUMBER HTTP_REQUEST HTTPS_PROXY_REQUEST PACKET_LENGTH_TOO_LONG UNEXPECTED_MESSAGE "
    "RECORD_LAYER_FAILURE BAD_RECORD_TYPE UNKNOWN_PROTOCOL",
    TOO_OLD: "UNSUPPORTED_PROTOCOL VERSION_TOO_LOW NO_SHARED_CIPHER NO_PROTOCOLS_AVAILABLE",
    OURS_REFUSED: "TLSV1_ALERT_UNKNOWN_CA SSLV3_ALERT_BAD_CERTIFICATE SSLV3_ALERT_CERTIFICATE_UNKNOWN SSLV3_ALERT_CERTIFICATE_EXPIRED "
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
}
_OF_OPENSSL = {name: reason for reason, names in _REASONS.items() for name in names.split()}
"""By the names of OpenSSL's errors (openssl/sslerr.h)."""


def reason_of(error: BaseException) -> Reason:
    """Why a handshake failed, by the error that ended it."""
    if isinstance(error, ssl.SSLError):
        return _OF_OPENSSL.get(error.reason or "", UNKNOWN)
    return SLOW if isinstance(error, ConnectionAbortedError | TimeoutError) else ENDED


@dataclass(slots=True)
class Refusals:
    """Tells and counts refused handshakes. Of one address and reason one line in `seconds`, and at most `most` lines altogether, so that
    who knocks all the time fills no log; the next line says how many were not told. `count` gets the name of each reason."""

    count: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    seconds: float = 60.0
    most: int = 20
    _told: set[tuple[str, Reason]] = field(default_factory=set)
    _since: float = float("-inf")
    _untold: int = 0

    def refused(self, address: str, error: BaseException) -> None:
        """One handshake more that failed."""
        reason = reason_of(error)
        self.count(reason.name)
        if self.clock() - self._since >= self.seconds:
            self._told.clear()
            self._since = self.clock()
        if (address, reason) in self._told or len(self._told) >= self.most:
            self._untold += 1
            return
        self._told.add((address, reason))
        left_out = f"; {self._untold} more were refused and not told" if self._untold else ""
        self._untold = 0
        log.warning("TLS with %s refused: %s%s%s", address or "an unknown address", reason.sentence, _in_openssls_words(error), left_out)


def _in_openssls_words(error: BaseException) -> str:
    """Nothing of a certificate's content: what OpenSSL calls the error."""
    words = getattr(error, "verify_message", None) or getattr(error, "reason", None)
    return f" ({words})" if words else ""


class Handshake(asyncio.Protocol):
    """A connection until TLS stands; then it is that of the protocol that `ready` makes.

    The socket goes on under a transport of its own, since `start_tls` on one that reads already may miss the first bytes (uvloop).
    """

    def __init__(self, tls: ssl.SSLContext, ready: Callable[[], asyncio.Protocol], refusals: Refusals, running: set[asyncio.Task[None]]):
        self._tls, self._ready, self._refusals, self._running = tls, ready, refusals, running

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing has been read yet, and nothing is by this transport."""
        connection = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        cast("asyncio.Transport", transport).abort()  # uvloop's are no subclasses
        task = asyncio.get_running_loop().create_task(self._shake(connection, transport.get_extra_info("peername")))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _shake(self, connection: socket.socket, peer: tuple[Any, ...] | None) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            await loop.connect_accepted_socket(self._ready, connection, ssl=self._tls, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        except OSError as error:  # an SSLError is one
            self._refusals.refused(str((peer or ("",))[0]), error)

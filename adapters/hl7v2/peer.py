"""Who is at the other end of a transport, as far as the transport can tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """`address`: where it connects from; `certificate`: SHA-256 of the certificate it showed, in hexadecimal digits; `client`: the
    registered client that it has proved to be by other means, such as a token. Empty: not known."""

    address: str = ""
    certificate: str = ""
    client: str = ""

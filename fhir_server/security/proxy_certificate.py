"""The certificate that a client showed to a proxy in front of this server, as the proxy tells of it in a header (docs/security.md)."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes

Networks = tuple[IPv4Network | IPv6Network, ...]
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
MOST_BYTES = 16 * 1024


def networks(addresses: Iterable[str]) -> Networks:
    """Addresses and networks (10.0.0.0/8) as they are written in settings; ValueError names one that is none."""
    return tuple(ip_network(address.strip()) for address in addresses)


def is_within(address: str, allowed: Networks) -> bool:
    """True for an address of one of the networks; an IPv4 address counts also where IPv6 carries it."""
    try:
        given = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(given, "ipv4_mapped", None) or given
    return any(mapped in network or given in network for network in allowed)


def certificate_fingerprint(header: str) -> str | None:
    """SHA-256 of the certificate in hexadecimal digits, out of just that, or of the certificate as PEM (percent-encoded) or base64."""
    plain = header.strip().replace(":", "").lower()
    if _FINGERPRINT.fullmatch(plain):
        return plain
    if not header or len(header) > MOST_BYTES:
        return None
    content = unquote_to_bytes(header.strip().strip(":"))
    pem = _PEM.search(content)
    try:
        certificate = b64decode(b"".join((pem[1] if pem else content).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.sha256(certificate).hexdigest() if certificate[:1] == b"\x30" else None

"""Which IP addresses lie on the public Internet, and which the server may reach inside.

A name that is allowed may resolve to anything, today or tomorrow: 127.0.0.1, a machine of the hospital, the address where clouds hand out
credentials (169.254.169.254). So the address decides too (https://www.iana.org/assignments/iana-ipv4-special-registry).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a translator sends on to the IPv4 address in their last 32 bits (https://www.rfc-editor.org/rfc/rfc6052)."""

UNICAST = IPv6Network("2000::/3")
"""All that was ever given out of IPv6 (https://www.iana.org/assignments/ipv6-address-space)."""


def is_public(text: str) -> bool:
    """False for private, shared, loopback, link-local, multicast and reserved addresses, and for IPv6 that stands for such an IPv4."""
    address = ip_address(text)
    if address.is_multicast or address.is_unspecified or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return True
    return (address in UNICAST or address in NAT64) and all(is_public(str(one)) for one in _embedded(address))


def _embedded(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address is made of: mapped, 6to4, Teredo, NAT64."""
    last = [IPv4Address(int(address) & 0xFFFFFFFF)] if address in NAT64 else []
    return [one for one in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), *last) if one is not None]


def is_within(text: str, networks: Iterable[str]) -> bool:
    """True where one of the networks (`10.1.0.0/16`, `fd00::/8`, a single address) holds the address."""
    address = ip_address(text)
    return any(address in ip_network(network) for network in networks)


def is_loopback_name(host: str) -> bool:
    """True for 127.0.0.0/8, ::1 and `localhost`; any other name could mean anything."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

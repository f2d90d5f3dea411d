"""Ports for servers that are killed and started anew on the same one."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST = 20_000
_reservations: list[socket.socket] = []


def free_port() -> int:
    """A port that stays this process's own, also while nobody listens there.

    It lies below those that the system gives to outgoing connections: one of them could take it while the server is down, or a client that
    tries to reach it could even be connected with itself. Who holds the UDP port of the same number has reserved it.
    """
    last = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    choice = random.SystemRandom()
    for _ in range(1000):
        port = choice.randrange(_FIRST, last)
        if _reserved(port):
            return port
    raise AssertionError(f"no free port from {_FIRST} to {last}")


def _reserved(port: int) -> bool:
    reservation = socket.socket(type=socket.SOCK_DGRAM)
    try:
        reservation.bind(("127.0.0.1", port))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    return True

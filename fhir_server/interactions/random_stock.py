"""The system's random bytes, asked for in stock: a call for each id or page token costs more than all else about it, for Python's lock is
let go and has to be won back."""

from __future__ import annotations

import os

RANDOM_BYTES = 12


class _Stock:
    def __init__(self) -> None:
        self._bytes: list[bytes] = []

    def take(self) -> bytes:
        """Bytes that nobody else gets; safe in threads, as `pop` takes each once."""
        while True:
            try:
                return self._bytes.pop()
            except IndexError:
                many = os.urandom(256 * RANDOM_BYTES)
                self._bytes.extend(many[start : start + RANDOM_BYTES] for start in range(0, len(many), RANDOM_BYTES))

    def forget(self) -> None:
        """A forked process would give out the same ones."""
        self._bytes = []


_stock = _Stock()
os.register_at_fork(after_in_child=_stock.forget)


def random_bytes() -> bytes:
    """RANDOM_BYTES that were given to nobody else."""
    return _stock.take()

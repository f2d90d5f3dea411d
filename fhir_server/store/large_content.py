"""Large contents go to the database in pieces: as a parameter of a statement they would be copied several times on the way."""

from __future__ import annotations

from collections.abc import Iterator

LARGE = 4 * 2**20
"""Bytes from which the detour is worth it."""

PIECE = 2**20


def pieces(content: bytes) -> Iterator[memoryview]:
    """The content in pieces, none of them copied."""
    view = memoryview(content)
    return (view[start : start + PIECE] for start in range(0, len(view), PIECE))

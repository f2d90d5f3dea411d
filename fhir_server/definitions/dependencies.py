"""What was made out of which definitions, so that a change of one drops what depends on it and nothing else.

Names are canonical URLs; a version or fragment behind one does not count. Whoever keeps something made out of definitions says what it
makes (`making`), and, while it does, what it asks for (`needs`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Dependencies:
    """Not to be shared between threads without a lock."""

    def __init__(self) -> None:
        self._needs: dict[str, set[str]] = {}
        self._open: list[set[str]] = []

    @property
    def is_making(self) -> bool:
        """True between the begin and the end of something."""
        return bool(self._open)

    @contextmanager
    def making(self, canonical: str) -> Iterator[None]:
        """What is asked for in the block counts as needed for `canonical`."""
        name = url_of(canonical)
        self.needs(name)
        self._open.append(self._needs.setdefault(name, {name}))
        try:
            yield
        finally:
            self._open.pop()

    def needs(self, canonical: str) -> None:
        """What is being made, if anything is, depends on this."""
        if self._open:
            self._open[-1].add(url_of(canonical))

    def drop(self, changed: frozenset[str]) -> set[str]:
        """The names that depend on the URLs in `changed`, themselves among them; forgotten from now on."""
        dropped: set[str] = set()
        fresh: set[str] = {name for name, needed in self._needs.items() if not changed.isdisjoint(needed)}
        while fresh:
            dropped |= fresh
            fresh = {name for name, needed in self._needs.items() if not fresh.isdisjoint(needed)} - dropped
        for name in dropped:
            del self._needs[name]
        return dropped


def url_of(canonical: str) -> str:
    """The URL of a canonical, without version and fragment."""
    return canonical.partition("#")[0].partition("|")[0]

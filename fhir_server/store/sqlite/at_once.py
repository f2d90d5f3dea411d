"""Short searches in the thread of the event loop: to hand one over costs more (80 µs) than to look up an identifier.

What a search will cost is a guess, so it is held to a number of steps of SQLite's machine. One that takes more is given up, and begun anew
in a thread that may take its time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from fhir_server.store.sqlite.connection import connect, was_interrupted

T = TypeVar("T")
STEPS = 1000
"""Between this and twice as many are done, some 50 µs; finding a resource by its identifier takes a hundred."""


class TooLong:
    def __repr__(self) -> str:
        return "TOO_LONG"


TOO_LONG: Final = TooLong()


class AtOnce:
    """A connection of its own, for one thread."""

    def __init__(self, path: Path):
        self._connection = connect(path)
        self._looks = 0
        self._connection.set_progress_handler(self._is_long, STEPS)

    def tried(self, work: Callable[[sqlite3.Connection], T]) -> T | TooLong:
        """What the work finds, or TOO_LONG. It must only read."""
        self._looks = 0
        try:
            return work(self._connection)
        except sqlite3.OperationalError as error:
            if was_interrupted(error):
                return TOO_LONG
            raise

    def close(self) -> None:
        self._connection.close()

    def _is_long(self) -> bool:
        """The first look may come at any step: SQLite counts on where a statement stopped when it was last run."""
        self._looks += 1
        return self._looks > 1

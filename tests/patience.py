"""How long a test waits for what has to come: so long that the slowest machine has done it.

It ends a hang and measures nothing: how fast something is, benchmarks/ tells.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

PATIENCE = 180.0
"""Seconds."""


@contextlib.contextmanager
def comes_to_an_end(seconds: float = PATIENCE) -> Iterator[None]:
    """Breaks off what goes on for ever, with a TimeoutError; for the main thread, in which pytest runs the tests."""

    def break_off(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it did not come to an end within {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, break_off)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

"""How long to wait before the next attempt: twice as long each time, up to a bound, and never exactly the same for two."""

from __future__ import annotations

from collections.abc import Callable

Fraction = Callable[[], float]
"""A random number from 0 to 1."""

MOST_DOUBLINGS = 40


def pause(attempts: int, first: float, longest: float, fraction: Fraction) -> float:
    """Seconds after so many attempts (1 or more): between half of the step and all of it."""
    step = min(longest, first * 2.0 ** min(attempts - 1, MOST_DOUBLINGS))
    return step * (0.5 + 0.5 * fraction())

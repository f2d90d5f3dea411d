"""How often somebody may ask: a bucket for each caller, filled evenly, emptied by requests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MOST_KEYS = 50_000


class TokenBuckets:
    """`per_minute` requests for each key, as many at once. Kept by this process; of many keys the longest unused are forgotten."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic, most_keys: int = MOST_KEYS):
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._most = most_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """0 where a request may go on, else the seconds until the next may."""
        now = self._clock()
        level, then = self._buckets.pop(key, (self._size, now))
        level = min(self._size, level + (now - then) * self._rate)
        granted = level >= 1
        self._buckets[key] = (level - 1 if granted else level, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - level) / self._rate

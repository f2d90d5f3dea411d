"""Whether a history of concurrent operations on a register could have happened one after the other (Wing and Gong, 1993).

Each operation is an interval from its call to its return; it must have taken effect at one moment in between. A register holds a
version and a value; a write names the version it replaces and is refused where that is not the newest (If-Match).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

State = tuple[int, int]
"""Version and value."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`seen` is what a read returned or a write stored; `expected` the version that a write named.

    A write whose answer was lost is `unknown`: it never returned, and may have taken effect at any later time, or not.
    """

    kind: Literal["read", "written", "refused", "unknown"]
    called: float
    returned: float
    seen: State = (0, 0)
    expected: int = 0

    def steps(self, state: State) -> Iterator[State]:
        """The states that the operation, taking effect now, can leave behind; none where it contradicts the state."""
        match self.kind:
            case "read" if state == self.seen:
                yield state
            case "refused" if state[0] != self.expected:
                yield state
            case "written" if state[0] == self.expected and self.seen[0] == state[0] + 1:
                yield self.seen
            case "unknown":
                yield state
                if state[0] == self.expected:
                    yield (state[0] + 1, self.seen[1])


def is_linearisable(history: Sequence[Operation], start: State) -> bool:
    """Depth first over the operations that may come next: those called before any other that is left has returned."""
    operations = sorted(history, key=lambda one: one.called)
    everything = (1 << len(operations)) - 1
    tried: set[tuple[int, State]] = set()
    waiting = [(0, start)]
    while waiting:
        done, state = waiting.pop()
        if done == everything:
            return True
        if (done, state) not in tried:
            tried.add((done, state))
            waiting += [(done | 1 << place, after) for place in _next(operations, done) for after in operations[place].steps(state)]
    return False


def _next(operations: Sequence[Operation], done: int) -> list[int]:
    left = [place for place in range(len(operations)) if not done >> place & 1]
    first_return = min((operations[place].returned for place in left), default=inf)
    return [place for place in left if operations[place].called <= first_return]

"""When a destination is left alone (a circuit breaker): after several failures in a row nothing is tried for a while, then one message, the
probe. Whichever worker has the probe closes the circuit, or opens it again."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.exchange.back_off import Fraction, pause


@dataclass(slots=True)
class Circuit:
    """Of one destination in one worker. It opens after `threshold` failures in a row, for `first` seconds, then twice as long each time.

    How long it is open is kept with the destination (`Outbox.hold`), so that every worker leaves it alone.
    """

    threshold: int
    first: float
    longest: float
    failures: int = 0

    def failed(self, fraction: Fraction, *, probe: bool = False) -> float:
        """Seconds for which nothing is to be tried; 0 where the circuit stays closed. `probe`: it was open, whoever opened it."""
        self.failures = max(self.failures + 1, self.threshold if probe else 0)
        openings = self.failures - self.threshold + 1
        return pause(openings, self.first, self.longest, fraction) if openings > 0 else 0

    def succeeded(self) -> bool:
        """True where it had been open."""
        was_open = self.failures >= self.threshold
        self.failures = 0
        return was_open

"""Subject and floor in turn, and what comes of it: medians, and the median of the ratios of rounds that ran side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One round's rate (things a second), with the CPU time of the measured process for each thing in microseconds."""

    rate: float
    cpu: float | None = None


@dataclass(slots=True)
class Comparison:
    """Rounds of Passerelle beside rounds of a floor: `subject[i]` ran next to `floor[i]`."""

    name: str
    unit: str
    floor_name: str
    subject: list[Figure] = field(default_factory=list)
    floor: list[Figure] = field(default_factory=list)
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """Passerelle's part of the floor's rate: 1.0 is as fast as the floor."""
        return [one.rate / other.rate for one, other in zip(self.subject, self.floor, strict=True)]

    def summary(self) -> dict[str, Any]:
        """What the report shows."""
        ratios = self.ratios
        return {
            "name": self.name, "unit": self.unit, "floor": self.floor_name, "rounds": len(ratios), "note": self.note,
            "subject_rate": median(one.rate for one in self.subject), "floor_rate": median(one.rate for one in self.floor),
            "ratio": median(ratios), "ratio_lowest": min(ratios), "ratio_highest": max(ratios),
            "subject_cpu": _median_cpu(self.subject), "floor_cpu": _median_cpu(self.floor),
        }  # fmt: skip


def _median_cpu(figures: Sequence[Figure]) -> float | None:
    known = [one.cpu for one in figures if one.cpu is not None]
    return median(known) if known else None

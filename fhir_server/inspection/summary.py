"""What a person wants to see after many documents: how many are good, and which rules were broken most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fhir_server.inspection.inspection import Verdict
from fhir_server.model.issue import Severity

ORDER: tuple[Severity, ...] = ("fatal", "error", "warning", "information")


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule: how often it was reported, and in how many documents."""

    severity: Severity
    message_id: str
    source: str
    times: int
    documents: int


@dataclass(frozen=True, slots=True)
class Summary:
    documents: int
    resources: int
    valid: int
    broken: list[Broken]

    @property
    def invalid(self) -> int:
        return self.documents - self.valid


def summary(verdicts: Sequence[Verdict]) -> Summary:
    """The rules come by severity, then the most broken first; a document is what has one name."""
    valid: dict[str, bool] = {}
    times: Counter[tuple[Severity, str, str]] = Counter()
    places: dict[tuple[Severity, str, str], set[str]] = {}
    for verdict in verdicts:
        valid[verdict.name] = valid.get(verdict.name, True) and verdict.is_valid
        for issue in verdict.issues:
            rule = issue.severity, issue.message_id or issue.code, issue.source or ""
            times[rule] += 1
            places.setdefault(rule, set()).add(verdict.name)
    broken = [Broken(*rule, count, len(places[rule])) for rule, count in times.items()]
    broken.sort(key=lambda one: (ORDER.index(one.severity), -one.times, one.message_id, one.source))
    return Summary(len(valid), sum(verdict.resources for verdict in verdicts), sum(valid.values()), broken)

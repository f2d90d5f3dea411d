"""One fault is told once, though a base type, a profile and the profile's base may all have a rule against it."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_server.model.issue import Issue

_BINDINGS = {"binding-required": 3, "binding-extensible": 2, "binding-preferred": 1}
_CARDINALITY = ("cardinality-min", "cardinality-max")


def without_repeats(issues: Iterable[Issue]) -> list[Issue]:
    """The first of equal findings, that of the base type; of several about one binding or one cardinality, the strictest."""
    kept: dict[tuple[str | None, ...], Issue] = {}
    for issue in issues:
        key = _key(issue)
        if key not in kept or _replaces(issue, kept[key]):
            kept[key] = issue
    return list(kept.values())


def _key(issue: Issue) -> tuple[str | None, ...]:
    if issue.message_id in _BINDINGS:
        return issue.expression, "binding"
    if issue.message_id in _CARDINALITY:
        return issue.expression, issue.message_id, issue.diagnostics.partition(" ")[0]
    return issue.severity, issue.expression, issue.diagnostics


def _replaces(new: Issue, old: Issue) -> bool:
    """Of cardinalities the later one, since a profile can only narrow its base."""
    if new.message_id in _CARDINALITY:
        return True
    return _BINDINGS.get(str(new.message_id), 0) > _BINDINGS.get(str(old.message_id), 0)

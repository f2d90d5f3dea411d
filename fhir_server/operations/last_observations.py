"""Observation/$lastn: of each kind of observation the latest (https://hl7.org/fhir/R4/observation-operation-lastn.html).

Kinds are groups of codes: two observations that share a coding are of one kind, and so are those that a third joins; a code without
coding is told by its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import decode_json
from fhir_server.model.temporal import parse_temporal
from fhir_server.store.stored import Stored

Pair = tuple[str, str]
Key = tuple[str, str]
"""(system, code) of a coding; ("", text) of a text."""

MAX_OBSERVATIONS = 20_000
"""Matches that are looked at; a search that has more is refused."""

PAGE = 1000
SUBJECTS = ("patient", "subject")
CODES = ("category", "code", "combo-code", "component-code")
"""One of these, or a parameter whose name begins with one (`code-value-quantity`), must be there."""

_NOT_ASKED = frozenset(("_sort", "_count", "_page", "_include", "_revinclude", "_total", "_summary"))
UTC = ZoneInfo("UTC")


class Searcher(Protocol):
    """The interaction that $lastn is made of."""

    async def search(self, type_name: str, pairs: Sequence[Pair]) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation with its time (microseconds since 1970-01-01 UTC; None where it has none) and the keys of its code."""

    stored: Stored
    time: int | None
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class LastObservations:
    """The observations, most recent first, and what was not understood of the question."""

    observations: list[Stored]
    issues: list[Issue]


async def last_observations(searcher: Searcher, pairs: Sequence[Pair], most: int) -> LastObservations:
    """The `most` latest of each kind, and those of the same time as the last of them; MALFORMED where subject or kind is not asked."""
    _check(pairs)
    found, issues = await _all(searcher, pairs)
    observed = [_observed(stored) for stored in found]
    kept = [one for group in groups(observed) for one in latest(group, most)]
    return LastObservations([one.stored for one in sorted(kept, key=_recent)], issues)


def _check(pairs: Sequence[Pair]) -> None:
    names = {name.partition(":")[0].partition(".")[0] for name, _ in pairs}
    if refused := sorted(names & _NOT_ASKED):
        raise fault(Category.MALFORMED, "not-supported", f"$lastn orders and counts by itself; leave out {', '.join(refused)}.")
    if not names & set(SUBJECTS):
        raise fault(Category.MALFORMED, "required", "$lastn needs 'patient' or 'subject': whose observations are meant?")
    if not any(name == code or name.startswith(code + "-") for name in names for code in CODES):
        raise fault(Category.MALFORMED, "required", "$lastn needs 'category' or 'code': which observations are meant?")


async def _all(searcher: Searcher, pairs: Sequence[Pair]) -> tuple[list[Stored], list[Issue]]:
    found: list[Stored] = []
    page: list[Pair] = [("_count", str(PAGE)), ("_total", "none")]
    while True:
        result = await searcher.search("Observation", [*pairs, *page])
        found += result.matches
        if len(found) > MAX_OBSERVATIONS:
            sentence = f"More than {MAX_OBSERVATIONS} observations match; narrow them by date, category or code."
            raise FhirError(Category.TOO_LARGE, (Issue("error", "too-costly", sentence),))
        if result.next is None:
            return found, result.issues
        page = [*page[:2], ("_page", result.next)]


def _observed(stored: Stored) -> Observed:
    resource = decode_json(stored.content or b"{}")
    return Observed(stored, effective_time(resource), tuple(_keys(resource.get("code"))))


def _keys(code: Any) -> Iterator[Key]:
    concept = code if isinstance(code, dict) else {}
    codings = [one for one in concept.get("coding", ()) if "code" in one]
    yield from ((str(one.get("system", "")), str(one["code"])) for one in codings)
    if not codings and "text" in concept:
        yield "", f"text:{concept['text']}"


def effective_time(observation: dict[str, Any]) -> int | None:
    """When it was true: of a period its end, else its start; of a timing its last event."""
    period, timing = observation.get("effectivePeriod", {}), observation.get("effectiveTiming", {})
    said = [observation.get("effectiveDateTime"), observation.get("effectiveInstant"), period.get("end") or period.get("start")]
    moments = [_moment(str(text)) for text in [*said, *timing.get("event", ())] if text]
    return max((one for one in moments if one is not None), default=None)


def _moment(text: str) -> int | None:
    try:
        return parse_temporal(text).interval(UTC)[0]
    except ValueError:
        return None


def groups(observed: Iterable[Observed]) -> list[list[Observed]]:
    """By code: observations are together where a chain of shared keys joins them; one without a code stands alone."""
    parent: dict[Key, Key] = {}
    listed = list(observed)
    for one in listed:
        for key in one.keys:
            parent[_root(parent, key)] = _root(parent, one.keys[0])
    found: dict[Any, list[Observed]] = {}
    for one in listed:
        found.setdefault(_root(parent, one.keys[0]) if one.keys else one.stored.id, []).append(one)
    return list(found.values())


def _root(parent: dict[Key, Key], key: Key) -> Key:
    parent.setdefault(key, key)
    while parent[key] != key:
        parent[key] = key = parent[parent[key]]
    return key


def latest(group: Sequence[Observed], most: int) -> list[Observed]:
    """The `most` latest, and those that tie with the last of them."""
    ordered = sorted(group, key=_recent)
    if len(ordered) <= most:
        return ordered
    last = ordered[most - 1].time
    return [one for place, one in enumerate(ordered) if place < most or (last is not None and one.time == last)]


def _recent(one: Observed) -> tuple[bool, int, str]:
    """Most recent first; those without a time at the end."""
    return one.time is None, -(one.time or 0), one.stored.id

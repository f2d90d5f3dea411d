"""What has been kept long enough, by rule: `Communication = 2y` (a resource, so long after its last change), `Patient.deceased = 10y`
(all about a person, so long after the death), `EpisodeOfCare.end = 20y` (all about a person, so long after the last episode of care ended).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_resource
from fhir_server.model.temporal import parse_temporal
from fhir_server.rights.dossier import PATIENT, Held, versions
from fhir_server.store.stored import Stored, instant

DAYS = {"d": 1, "m": 30, "y": 365}
"""A month counts 30 days, a year 365."""

DAY = 86_400_000_000
DEATH, END_OF_CARE = "Patient.deceased", "EpisodeOfCare.end"
_SPAN = re.compile(r"(\d{1,4})([dmy])")
_PAGE = "500"


@dataclass(frozen=True, slots=True)
class Rule:
    """`subject` is a resource type or one of the events, `before` the time up to which it has been long enough (microseconds)."""

    subject: str
    span: str
    before: int


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule lets go: whole persons by id, or single resources."""

    rule: Rule
    persons: tuple[str, ...] = ()
    resources: tuple[Held, ...] = ()


def rules(given: Mapping[str, str], moment: int, types: frozenset[str]) -> list[Rule]:
    """INVALID where a rule names what there is not, or a person by age alone."""
    return [Rule(subject, span, moment - _days(subject, span) * DAY) for subject, span in given.items() if _known(subject, types)]


def _known(subject: str, types: frozenset[str]) -> bool:
    if subject not in (DEATH, END_OF_CARE) and (subject not in types or subject == PATIENT):
        sentence = f"retention: {subject} is no resource type, {DEATH} or {END_OF_CARE}; persons are let go after an event, not by age."
        raise fault(Category.INVALID, "value", sentence)
    return True


def _days(subject: str, span: str) -> int:
    if (found := _SPAN.fullmatch(span)) is None:
        raise fault(Category.INVALID, "value", f"retention: {subject}={span} is no time; write 90d, 6m or 10y.")
    return int(found[1]) * DAYS[found[2]]


async def due(interactions: Interactions, wanted: Sequence[Rule]) -> list[Due]:
    """What each rule lets go now; a person by the first rule that does."""
    found = [await _due(interactions, rule) for rule in wanted]
    seen: set[str] = set()
    for number, one in enumerate(found):
        found[number] = replace(one, persons=tuple(person for person in one.persons if person not in seen))
        seen.update(one.persons)
    return found


async def _due(interactions: Interactions, rule: Rule) -> Due:
    if rule.subject == DEATH:
        return Due(rule, persons=tuple([one.id async for one in _found(interactions, PATIENT, "death-date", rule.before)]))
    if rule.subject == END_OF_CARE:
        return Due(rule, persons=await _out_of_care(interactions, rule.before))
    resources = [await _held(interactions, one) async for one in _found(interactions, rule.subject, "_lastUpdated", rule.before)]
    return Due(rule, resources=tuple(resources))


async def _found(interactions: Interactions, type_name: str, parameter: str, before: int) -> AsyncIterator[Stored]:
    pairs = [(parameter, f"lt{instant(before)}"), ("_count", _PAGE)]
    page = await interactions.search(type_name, pairs)
    while True:
        if page.issues:
            raise FhirError(Category.INTERNAL, page.issues)
        for stored in page.matches:
            yield stored
        if page.next is None:
            return
        page = await interactions.search(type_name, [*pairs, ("_page", page.next)])


async def _held(interactions: Interactions, stored: Stored) -> Held:
    numbers = [one.version async for one in versions(interactions, stored.type, stored.id) if one.content is not None]
    return Held(stored.type, stored.id, tuple(sorted(numbers)), (), True)


async def _out_of_care(interactions: Interactions, before: int) -> tuple[str, ...]:
    """Persons who have episodes of care, all of which ended before that time."""
    ended: dict[str, bool] = {}
    after = 0
    while page := await interactions.store.as_of(2**62, "EpisodeOfCare", after=after):
        for stored in page:
            if stored.content is not None:
                person, is_over = _episode(stored.content, before)
                ended[person] = ended.get(person, True) and is_over
        after = page[-1].seq
    return tuple(sorted(person for person, is_over in ended.items() if is_over and person))


def _episode(content: bytes, before: int) -> tuple[str, bool]:
    episode = decode_resource(content)
    person = str((episode.get("patient") or {}).get("reference") or "").rpartition("Patient/")[2]
    end = (episode.get("period") or {}).get("end")
    return person, end is not None and parse_temporal(end).interval(UTC)[1] < before

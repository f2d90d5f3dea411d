"""$everything: the whole record of a person, of all persons, or all about an encounter, page by page
(https://hl7.org/fhir/R4/patient-operation-everything.html, https://hl7.org/fhir/R4/encounter-operation-everything.html).

What belongs to a person is read from the definitions: the parameters of R4's CompartmentDefinition `patient`, and for types
which it leaves out (Task, Device, ...) their search parameter `patient`; for an encounter likewise. With each page come the resources
it refers to that are about nobody in particular (practitioners, organizations, places, medications), and with an encounter's also
those about its own subject.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, Protocol

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.search.compartment import Compartment, members
from fhir_server.store.stored import Stored, instant

Focus = Literal["Patient", "Encounter"]

COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/"
MAX_PAGE = 500
"""Matches on a page, whatever is asked: their ids must fit into one search."""

MAX_SUPPORTING = 1000
"""Resources that are referred to, for one page."""

DEPTH = 3
"""How far references of supporting resources are followed: PractitionerRole -> Organization -> Organization.partOf."""

_REFERENCE = re.compile(rb'"reference":"([^"]*/|)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})["/]')
"""In JSON as our encoder writes it; inside a string of JSON each quote has a backslash before it, so no text can look like this."""


class Reader(Protocol):
    """The interactions that $everything is made of."""

    definitions: Definitions

    async def read(self, type_name: str, id_: str) -> Stored: ...

    async def search(self, type_name: str, pairs: Sequence[tuple[str, str]], compartment: Compartment | None = None) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What makes a resource part of the record: `parameter` of `type` refers to the focus."""

    type: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Part:
    """One search of the record: all resources of these types that the compartment holds, or with a `parameter`, which refer to the
    focus by that. `pairs` narrow it."""

    types: tuple[str, ...]
    parameter: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EverythingRequest:
    """`id` None means all persons; `types` empty means all; `since` is in microseconds since 1970-01-01 UTC; `start` and `end` are
    dates of care, as FHIR writes them; `place` comes from the page before."""

    id: str | None
    count: int
    types: frozenset[str] = frozenset()
    since: int | None = None
    place: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class EverythingPage:
    """`matches` belong to the focus, `supporting` are referred to; `next` is the place of the next page, None at the end."""

    matches: list[Stored]
    supporting: list[Stored]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: `before` is the token of the search of persons that gave the one in focus, `number` 0 that person or else a
    part of the record, `token` its page."""

    before: str = ""
    number: int = 0
    token: str | None = None

    def __str__(self) -> str:
        return f"{self.number}.{len(self.before)}.{self.before}{self.token or ''}"


class Everything:
    """The record is worked out from the definitions; `base` is this server's own URL, which local references may begin with."""

    def __init__(self, interactions: Reader, base: str | None = None, focus: Focus = "Patient"):
        self._interactions, self._focus = interactions, focus
        self._prefixes = (b"", f"{base}/".encode() if base else b"")
        definitions = interactions.definitions
        self._types = _types_once(definitions, focus, definitions.generation)
        self._personal = frozenset(_types_once(definitions, "Patient", definitions.generation)) | {"Patient"}

    async def page(self, request: EverythingRequest) -> EverythingPage:
        """A page of at most `count` matches; NOT_FOUND or GONE where the focus is not there."""
        request = replace(request, count=min(request.count, MAX_PAGE))
        if request.id is not None:
            matches, place = await self._of_one(await self._interactions.read(self._focus, request.id), request, _place(request.place))
            return await self._page(matches, place)
        return await self._of_all(request)

    async def _page(self, matches: list[Stored], place: _Place | None) -> EverythingPage:
        return EverythingPage(matches, await self._supporting(matches), str(place) if place else None)

    async def _of_all(self, request: EverythingRequest) -> EverythingPage:
        """One person after the other, as long as the page has room."""
        matches: list[Stored] = []
        place: _Place | None = _place(request.place)
        while place is not None and len(matches) < request.count:
            person, following = await self._person(place.before)
            if person is None:
                place = None
                break
            room = replace(request, id=person.id, count=request.count - len(matches))
            found, place = await self._of_one(person, room, place)
            matches += found
            if place is None and following is not None:
                place = _Place(following)
        return await self._page(matches, place)

    async def _person(self, before: str) -> tuple[Stored | None, str | None]:
        token = [("_page", before)] if before else []
        result = await self._interactions.search(self._focus, [("_count", "1"), ("_total", "none"), *token])
        return (result.matches[0] if result.matches else None), result.next

    async def _of_one(self, focus: Stored, request: EverythingRequest, place: _Place) -> tuple[list[Stored], _Place | None]:
        """Matches about one focus from a place on, and where they go on."""
        parts = (None, *_parts(self._types, request))
        number, token = place.number, place.token
        matches: list[Stored] = []
        while number < len(parts) and len(matches) < request.count:
            part = parts[number]
            if part is None:
                matches += [focus] if _wanted(focus.type, request) and focus.updated >= (request.since or 0) else []
            else:
                found, token = await self._part(part, request, focus, request.count - len(matches), token)
                matches += found
            number += token is None
        return matches, _Place(place.before, number, token) if number < len(parts) else None

    async def _part(
        self, part: Part, request: EverythingRequest, focus: Stored, count: int, token: str | None
    ) -> tuple[list[Stored], str | None]:
        compartment = None if part.parameter else Compartment(focus.type, focus.id)
        pairs = [("_count", str(count)), ("_total", "none"), *part.pairs]
        pairs += [(part.parameter, f"{focus.type}/{focus.id}")] if part.parameter else []
        pairs += [("_lastUpdated", f"ge{instant(request.since)}")] if request.since is not None else []
        pairs += [("_page", token)] if token else []
        if len(part.types) == 1:
            result = await self._interactions.search(part.types[0], pairs, compartment)
        else:
            result = await self._interactions.search("", [("_type", ",".join(part.types)), *pairs], compartment)
        if result.issues:
            raise FhirError(Category.INTERNAL, result.issues)
        return [stored for stored in result.matches if (stored.type, stored.id) != (focus.type, focus.id)], result.next

    async def _supporting(self, matches: list[Stored]) -> list[Stored]:
        known = {(stored.type, stored.id) for stored in matches}
        subjects = self._subjects(matches)
        found: list[Stored] = []
        newest = matches
        for _ in range(DEPTH):
            targets = {target for stored in newest for target in self._references(stored)} - known
            known |= targets
            newest = [stored for target in sorted(targets) if (stored := await self._target(*target, subjects))]
            found += newest
        return found[:MAX_SUPPORTING]

    def _subjects(self, matches: list[Stored]) -> frozenset[tuple[str, str]]:
        """Of an encounter, the persons it is about; of a person none, since what is about that person is a match of its own."""
        listed = matches if self._focus == "Encounter" else ()
        return frozenset(target for stored in listed for target in self._references(stored) if target[0] == "Patient")

    async def _target(self, type_name: str, id_: str, subjects: frozenset[tuple[str, str]]) -> Stored | None:
        if type_name not in self._interactions.definitions.schema.resource_types or (type_name in self._personal and not subjects):
            return None
        try:
            found = await self._interactions.read(type_name, id_)
        except FhirError:  # absent, deleted, or not this person's to see: the record goes on without it
            return None
        return found if type_name not in self._personal or self._is_of(found, subjects) else None

    def _is_of(self, stored: Stored, subjects: frozenset[tuple[str, str]]) -> bool:
        """It is one of the subjects, or refers to them and to no other person."""
        about = {target for target in self._references(stored) if target[0] == "Patient"}
        return (stored.type, stored.id) in subjects or bool(about and about <= subjects)

    def _references(self, stored: Stored) -> Iterator[tuple[str, str]]:
        for prefix, name, id_ in _REFERENCE.findall(stored.content or b""):
            if prefix in self._prefixes:
                yield name.decode(), id_.decode()


@lru_cache(maxsize=8)
def _types_once(definitions: Definitions, focus: Focus, _generation: int) -> Mapping[str, str | None]:
    """The types of the record, each with its own parameter where the compartment leaves it out. Worked out anew when what is stored
    defines something else, which the generation tells."""
    inside = members(focus, definitions)
    return {step.type: None if step.type in inside else step.parameter for step in record_steps(definitions, focus)}


def record_steps(definitions: Definitions, focus: Focus = "Patient") -> Iterator[Step]:
    """What together makes a record, in the order of the compartment."""
    url = COMPARTMENT + focus.lower()
    compartment = definitions.resolve(url)
    if compartment is None:
        raise fault(Category.INTERNAL, "not-found", f"The definitions have no {url}; install R4 core: make install")
    for row in compartment["resource"]:
        for code in row.get("param") or _own_parameter(definitions, row["code"], focus):
            if code != "{def}":
                yield Step(row["code"], code)


def _own_parameter(definitions: Definitions, type_name: str, focus: Focus) -> tuple[str, ...]:
    """The parameter named like the focus, where it leads there only."""
    if type_name not in definitions.schema.resource_types:
        return ()
    parameter = definitions.search_parameters(type_name).get(focus.lower())
    return (focus.lower(),) if parameter and parameter.targets == (focus,) else ()


def _parts(types: Mapping[str, str | None], request: EverythingRequest) -> Iterator[Part]:
    """The record in few searches; a type that has a date of care is asked for by itself where one is asked for."""
    bounds = [f"{prefix}{date}" for prefix, date in (("ge", request.start), ("le", request.end)) if date]
    wanted = {name: parameter for name, parameter in types.items() if _wanted(name, request)}
    dated = [name for name in wanted if bounds and name in care_dates()]
    for parameter in dict.fromkeys(wanted.values()):
        if together := tuple(name for name in wanted if wanted[name] == parameter and name not in dated):
            yield Part(together, parameter)
    for name in dated:
        yield from _in_time(name, wanted[name], bounds)


def _in_time(name: str, parameter: str | None, bounds: Sequence[str]) -> Iterator[Part]:
    """Resources of the time of care, then those that have no date, which may be of any time."""
    date = care_dates()[name]
    yield Part((name,), parameter, tuple((date, bound) for bound in bounds))
    yield Part((name,), parameter, ((f"{date}:missing", "true"),))


@cache
def care_dates() -> Mapping[str, str]:
    """By resource type, the search parameter for when the care took place; other types count for all times."""
    found: dict[str, str] = json.loads(files(__package__).joinpath("care_dates.json").read_text("utf-8"))
    return found


def _wanted(type_name: str, request: EverythingRequest) -> bool:
    return not request.types or type_name in request.types


def _place(place: str | None) -> _Place:
    """What `str` of a place says: its number, the length of `before`, then both tokens."""
    if place is None:
        return _Place()
    number, length, tokens = (*place.split(".", 2), "", "")[:3]
    if not all(one.isascii() and one.isdigit() and len(one) < 6 for one in (number, length)):
        raise fault(Category.MALFORMED, "value", f"_page={place[:40]} does not come from a next link of this server.")
    return _Place(tokens[: int(length)], int(number), tokens[int(length) :] or None)

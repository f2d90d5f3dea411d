"""Patient/$everything: a person's whole record, page by page (https://hl7.org/fhir/R4/patient-operation-everything.html).

What belongs to a person is read from the definitions: the parameters of R4's CompartmentDefinition `patient`, and for types
which it leaves out (Task, Device, ...) their search parameter `patient`. With each page come the resources it refers to that
are about nobody in particular: practitioners, organizations, places, medications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.stored import Stored, instant

COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
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

    async def search(self, type_name: str, pairs: Sequence[tuple[str, str]]) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One search of the record: `parameter` of `type` refers to the person; `earlier` are steps of the same type before it."""

    type: str
    parameter: str
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EverythingRequest:
    """`types` empty means all; `since` is in microseconds since 1970-01-01 UTC; `place` comes from the page before."""

    patient: str
    count: int
    types: frozenset[str] = frozenset()
    since: int | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class EverythingPage:
    """`matches` belong to the person, `supporting` are referred to; `next` is the place of the next page, None at the end."""

    matches: list[Stored]
    supporting: list[Stored]
    next: str | None


class PatientEverything:
    """The steps are worked out from the definitions; `base` is this server's own URL, which local references may begin with."""

    def __init__(self, interactions: Reader, base: str | None = None):
        self._interactions = interactions
        self._prefixes = (b"", f"{base}/".encode() if base else b"")
        self._steps = tuple(record_steps(interactions.definitions))
        self._personal = frozenset(step.type for step in self._steps) | {"Patient"}

    async def page(self, request: EverythingRequest) -> EverythingPage:
        """A page of at most `count` matches; NOT_FOUND or GONE where there is no such person."""
        patient = await self._interactions.read("Patient", request.patient)
        number, token = _place(request.place)
        count = min(request.count, MAX_PAGE)
        matches = [patient] if request.place is None and _wanted(patient.type, request) and patient.updated >= (request.since or 0) else []
        while number < len(self._steps) and len(matches) < count:
            found, token = await self._step(self._steps[number], request, count - len(matches), token)
            matches += found
            number += token is None
        following = f"{number}:{token or ''}" if number < len(self._steps) else None
        return EverythingPage(matches, await self._supporting(matches), following)

    async def _step(self, step: Step, request: EverythingRequest, count: int, token: str | None) -> tuple[list[Stored], str | None]:
        if not _wanted(step.type, request):
            return [], None
        person = f"Patient/{request.patient}"
        pairs = [(step.parameter, person), ("_count", str(count))]
        pairs += [("_lastUpdated", f"ge{instant(request.since)}")] if request.since is not None else []
        pairs += [("_page", token)] if token else []
        result = await self._interactions.search(step.type, pairs)
        if result.issues:
            raise FhirError(Category.INTERNAL, result.issues)
        seen = await self._seen(step, person, result.matches) | {("Patient", request.patient)}
        return [stored for stored in result.matches if (stored.type, stored.id) not in seen], result.next

    async def _seen(self, step: Step, person: str, found: list[Stored]) -> set[tuple[str, str]]:
        """Those that an earlier parameter of the same type has found already."""
        if not found or not step.earlier:
            return set()
        ids = ("_id", ",".join(stored.id for stored in found))
        size = ("_count", str(len(found)))
        results = [await self._interactions.search(step.type, [ids, size, (parameter, person)]) for parameter in step.earlier]
        return {(stored.type, stored.id) for result in results for stored in result.matches}

    async def _supporting(self, matches: list[Stored]) -> list[Stored]:
        known = {(stored.type, stored.id) for stored in matches}
        found: list[Stored] = []
        newest = matches
        for _ in range(DEPTH):
            targets = {target for stored in newest for target in self._references(stored)} - known
            known |= targets
            newest = [stored for target in sorted(targets) if (stored := await self._target(*target))]
            found += newest
        return found[:MAX_SUPPORTING]

    async def _target(self, type_name: str, id_: str) -> Stored | None:
        if type_name in self._personal or type_name not in self._interactions.definitions.schema.resource_types:
            return None
        try:
            return await self._interactions.read(type_name, id_)
        except FhirError:  # absent, deleted, or not this person's to see: the record goes on without it
            return None

    def _references(self, stored: Stored) -> Iterator[tuple[str, str]]:
        for prefix, name, id_ in _REFERENCE.findall(stored.content or b""):
            if prefix in self._prefixes:
                yield name.decode(), id_.decode()


def record_steps(definitions: Definitions) -> Iterator[Step]:
    """The searches that together make a person's record, in the order of the compartment."""
    compartment = definitions.resolve(COMPARTMENT)
    if compartment is None:
        raise fault(Category.INTERNAL, "not-found", f"The definitions have no {COMPARTMENT}; install R4 core: make install")
    for row in compartment["resource"]:
        codes = tuple(row.get("param") or _patient_parameter(definitions, row["code"]))
        for position, code in enumerate(codes):
            yield Step(row["code"], code, codes[:position])


def _patient_parameter(definitions: Definitions, type_name: str) -> tuple[str, ...]:
    if type_name not in definitions.schema.resource_types:
        return ()
    parameter = definitions.search_parameters(type_name).get("patient")
    return ("patient",) if parameter and parameter.targets == ("Patient",) else ()


def _wanted(type_name: str, request: EverythingRequest) -> bool:
    return not request.types or type_name in request.types


def _place(place: str | None) -> tuple[int, str | None]:
    number, _, token = (place or "0:").partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        raise fault(Category.MALFORMED, "value", f"_page={(place or '')[:40]} does not come from a next link of this server.")
    return int(number), token or None

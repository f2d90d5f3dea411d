"""Observation-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#observation-based-extraction): an Observation for each
answer of a question that has a code and is marked `observationExtract`, at itself, around it or on one of its codes.

A question marked by a code of https://hl7.org/fhir/uv/sdc/STU4/CodeSystem-observation-extract-relationship.html becomes a component or a
member of the Observation around it, or is derived from it; a group's own Observation has no value and is there for such parts only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.extract_entry import Entry, entry_of
from fhir_server.questionnaires.extraction import Extraction
from fhir_server.questionnaires.item import SDC, Answer, Item, complex_extensions, extension, extensions
from fhir_server.questionnaires.observation import observation_of, observed_value
from fhir_server.questionnaires.pairing import Pair

EXTRACT, ENTRY = SDC + "observationExtract", SDC + "observationExtractEntry"
CATEGORY = SDC + "observation-extract-category"
RELATED = ("component", "member", "derived")


@dataclass(frozen=True, slots=True)
class Marks:
    """What holds at an item: how it is extracted (False: not at all), and the categories, those of the nearest that has any."""

    extract: bool | str = False
    categories: tuple[Item, ...] = ()

    def within(self, question: Item) -> Marks:
        """The marks of a question that stands here."""
        own, categories = extension(question, EXTRACT), tuple(extensions(question, CATEGORY))
        return Marks(bool(self.extract) if own is None else own, categories or self.categories)


@dataclass(slots=True)
class Around:
    """The Observation that parts may belong to; `used` once one does."""

    entry: Entry
    used: bool = False

    def relate(self, how: str, entry: Entry) -> None:
        """Let a member or a derived Observation and this one know of each other."""
        self.used = True
        name, holder, other = ("hasMember", self.entry, entry) if how == "member" else ("derivedFrom", entry, self.entry)
        holder["resource"].setdefault(name, []).append({"reference": other["fullUrl"]})

    def compose(self, code: Item, value: Item) -> None:
        """Take an answer as a component."""
        self.used = True
        self.entry["resource"].setdefault("component", []).append({"code": code, **value})


def observation_entries(extraction: Extraction) -> Iterator[Entry]:
    """The entries of all Observations, in the order of the form."""
    root = extraction.root
    marks = Marks().within(root.question)
    for child in root.children:
        yield from _Walk(extraction).entries(child, marks, None)


class _Walk:
    def __init__(self, extraction: Extraction):
        self._extraction = extraction

    def entries(self, at: Pair, around_marks: Marks, around: Around | None) -> Iterator[Entry]:
        """The Observations of this item and of all below it."""
        if at.item is None or extension(at.question, EXTRACT) is False:
            return
        marks = around_marks.within(at.question)
        code, how = _code_and_mark(at.question, marks)
        if code is None:
            yield from self._below(at.children, marks, around)
        elif at.type == "group":
            yield from self._of_group(at, marks, code, how, around)
        else:
            for answer in at.answers:
                yield from self._of_answer(at, answer, marks, code, how, around)

    def _below(self, children: list[Pair], marks: Marks, around: Around | None) -> Iterator[Entry]:
        for child in children:
            yield from self.entries(child, marks, around)

    def _of_group(self, at: Pair, marks: Marks, code: Item, how: str, around: Around | None) -> Iterator[Entry]:
        own = Around(self._entry(at, marks, code, {}, at.item))
        below = list(self._below(at.children, marks, own))
        if own.used:
            self._relate(at, how, own.entry, around)
            yield own.entry
        yield from below

    def _of_answer(self, at: Pair, answer: Answer, marks: Marks, code: Item, how: str, around: Around | None) -> Iterator[Entry]:
        value = observed_value(at.question, answer, self._extraction.schema)
        if value is None:
            self._extraction.tell(f"The answer to {at.link_id} is of a type that no Observation can have; extract it another way.", at)
        elif how == "component" and around is not None:
            around.compose(code, value)
            yield from self._below(at.below_answer(answer), marks, around)
        else:
            own = Around(self._entry(at, marks, code, value, value))
            self._relate(at, how, own.entry, around)
            yield own.entry
            yield from self._below(at.below_answer(answer), marks, own)

    def _relate(self, at: Pair, how: str, entry: Entry, around: Around | None) -> None:
        if how not in RELATED:
            return
        if around is None:
            self._extraction.tell(f"{at.link_id} is marked '{how}', but nothing around it is extracted; it stands alone.", at)
        else:
            around.relate(how, entry)

    def _entry(self, at: Pair, marks: Marks, code: Item, value: Item, said: Any) -> Entry:
        resource: Resource = observation_of(self._extraction.root.item or {}, code, marks.categories, value)
        parts: Item = next(iter(complex_extensions(at.question, ENTRY)), {})
        made = entry_of(resource, parts, self._extraction, at, [code, said])
        assert made is not None  # only a patch has none
        return made


def _code_and_mark(question: Item, marks: Marks) -> tuple[Item | None, str]:
    """The concept of the Observation, None where there is to be none, and its relation to the one around it."""
    codes = objects(question.get("code"))
    marked = [(code, extension(code, EXTRACT)) for code in codes]
    chosen = [code for code, mark in marked if mark] if any(mark is not None for _, mark in marked) else codes if marks.extract else []
    if not chosen:
        return None, ""
    how: Any = next((mark for _, mark in marked if isinstance(mark, str)), marks.extract)
    return {"coding": [_plain(code) for code in chosen]}, how if isinstance(how, str) else "independent"


def _plain(code: Item) -> Item:
    """A coding without the mark."""
    rest = [one for one in objects(code.get("extension")) if one.get("url") != EXTRACT]
    return {name: value for name, value in code.items() if name != "extension"} | ({"extension": rest} if rest else {})

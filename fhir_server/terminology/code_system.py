"""A CodeSystem resource as tables: its concepts, their ancestors and properties (https://hl7.org/fhir/R4/codesystem.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fhir_server.definitions.version import fits
from fhir_server.model.phrase import phrase
from fhir_server.terminology.answer import YES, Answer, no, unknown

BUILT_IN = frozenset(("code", "concept", "display", "definition", "parent", "child", "inactive", "status", "notSelectable"))


class Concept:
    """One concept: its resource form and the codes right above it."""

    __slots__ = ("code", "parents", "source")

    def __init__(self, source: dict[str, Any], parent: str | None):
        self.source, self.code = source, str(source.get("code"))
        self.parents = {parent} if parent else set()
        self.parents |= {str(value) for value in self.values("parent")}

    @property
    def display(self) -> str | None:
        return self.source.get("display")

    @property
    def is_inactive(self) -> bool:
        """https://hl7.org/fhir/R4/codesystem-concept-properties.html: inactive, or a status that says so."""
        return True in self.values("inactive") or any(one in ("retired", "inactive") for one in self.values("status"))

    def is_shown_as(self, text: str) -> bool:
        """Whether the text is its display or one of its designations, whatever the letter case and spaces; True where it has none."""
        shown = [self.display, self.source.get("supplementDisplay"), *(one.get("value") for one in self.source.get("designation", ()))]
        return not self.display or _folded(text) in {_folded(one) for one in shown if isinstance(one, str)}

    @property
    def languages(self) -> list[str]:
        """The languages that its designations are in; that of the display is said by the code system alone."""
        return [one["language"] for one in self.source.get("designation", ()) if isinstance(one.get("language"), str)]

    def values(self, name: str) -> list[Any]:
        """The values of one property, `display` and `definition` among them."""
        if name in ("code", "concept", "display", "definition"):
            value = self.source.get("code" if name == "concept" else name)
            return [] if value is None else [value]
        return [_value(one) for one in self.source.get("property", ()) if one.get("code") == name]


class CodeSystem:
    """Concepts by code; `content` says whether they are all of the system's."""

    def __init__(self, resource: dict[str, Any], supplements: Iterable[dict[str, Any]] = ()):
        """`supplements` are the CodeSystems that add designations and properties to this one."""
        self.url = str(resource.get("url"))
        self.version: str | None = resource.get("version")
        self.content = str(resource.get("content"))
        self.properties = BUILT_IN | {str(one.get("code")) for one in resource.get("property", ())}
        self.concepts: dict[str, Concept] = {}
        self._read(resource.get("concept", ()))
        self._link_children()
        self._folded = {} if resource.get("caseSensitive") is not False else {code.casefold(): code for code in self.concepts}
        self.supplemented_by = tuple(one for one in supplements if _fits(one, self.version))
        for one in self.supplemented_by:
            self._supplement(one)

    def _supplement(self, supplement: dict[str, Any]) -> None:
        """https://hl7.org/fhir/R4/codesystem.html#supplements: no new codes, but more to say of those there are."""
        self.properties |= {str(one.get("code")) for one in supplement.get("property", ())}
        waiting = list(supplement.get("concept", ()))
        while waiting:
            added = waiting.pop()
            waiting += added.get("concept", ())
            if (concept := self.find(str(added.get("code")))) is not None:
                more = {key: [*concept.source.get(key, ()), *added[key]] for key in ("designation", "property") if key in added}
                concept.source = {**concept.source, **more, "supplementDisplay": added.get("display")}

    @property
    def is_complete(self) -> bool:
        return self.content == "complete"

    def find(self, code: str) -> Concept | None:
        """The concept with this code; letter case is ignored only where the system says so."""
        return self.concepts.get(code) or self.concepts.get(self._folded.get(code.casefold(), ""))

    def answer(self, code: str) -> Answer:
        """Is it a code of the system?"""
        if self.find(code):
            return YES
        if self.is_complete:
            return no(phrase("The code system {url} has no code '{code}'.", url=self.url, code=code))
        return unknown(
            phrase(
                "'{code}' cannot be checked: the code system {url} is not wholly in the packages in use ({content}).",
                code=code,
                url=self.url,
                content=self.content,
            )
        )

    def ancestors(self, code: str) -> set[str]:
        """All codes above a code, itself not among them."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            concept = self.concepts.get(waiting.pop())
            new = (concept.parents if concept else set()) - found
            found |= new
            waiting += new
        return found

    def _read(self, concepts: Any) -> None:
        waiting: list[tuple[dict[str, Any], str | None]] = [(concept, None) for concept in reversed(concepts)]
        while waiting:
            source, parent = waiting.pop()
            concept = self._add(source, parent)
            waiting += [(child, concept.code) for child in reversed(source.get("concept", ()))]

    def _add(self, source: dict[str, Any], parent: str | None) -> Concept:
        concept = Concept(source, parent)
        if known := self.concepts.get(concept.code):
            known.parents |= concept.parents
        return self.concepts.setdefault(concept.code, concept)

    def _link_children(self) -> None:
        for concept in self.concepts.values():
            for child in concept.values("child"):
                if child in self.concepts:
                    self.concepts[child].parents.add(concept.code)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts.values())


def _fits(supplement: dict[str, Any], version: str | None) -> bool:
    """Whether a supplement is for this version of the code system; one that names no version is for all."""
    wanted = str(supplement.get("supplements")).partition("|")[2]
    return not wanted or version is None or fits(version, wanted)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _value(property_: dict[str, Any]) -> Any:
    value = next((value for key, value in property_.items() if key.startswith("value")), None)
    return value.get("code") if isinstance(value, dict) else value

"""ValueSet/$expand: the codes of a value set, listed (https://hl7.org/fhir/R4/valueset-operation-expand.html).

Everything is worked out of the packages in use and of what is stored. A set that cannot be listed whole is refused with the reason,
never cut short; a set of more than `MAX_CODES` is refused as too costly unless a part of it is asked for by `count`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.value_set_asked import compiled, value_set_asked
from fhir_server.terminology import Terminology
from fhir_server.terminology.code_system import Concept
from fhir_server.terminology.designation import Source, designations, display_in
from fhir_server.terminology.value_set import Code, NotListable

UNSUPPORTED = (
    "context", "contextDirection", "date", "designation", "excludePostCoordinated", "exclude-system", "system-version",
    "check-system-version", "force-system-version",
)  # fmt: skip
MAX_CODES = 10_000
"""Codes in one answer."""

MAX_WALKED = 200_000
"""Codes that are looked at for a filter or a page."""

_KEPT = ("url", "version", "name", "title", "status", "experimental", "date", "publisher", "description", "jurisdiction", "copyright")
_RECORDED = ("filter", "offset", "count", "includeDesignations", "activeOnly", "excludeNested", "displayLanguage", "excludeNotForUI")


@dataclass(frozen=True, slots=True)
class Member:
    """A code of the set, what the set says about it, and its concept where the code system is here."""

    system: str
    code: str
    said: Source
    concept: Concept | None

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.said, self.concept.source) if self.concept else (self.said,)

    @property
    def is_inactive(self) -> bool:
        return self.concept is not None and self.concept.is_inactive

    @property
    def is_abstract(self) -> bool:
        return self.concept is not None and True in self.concept.values("notSelectable")


def expanded(
    arguments: Arguments, definitions: Definitions, terminology: Terminology, now: datetime, stored: Resource | None = None
) -> Resource:
    """The ValueSet with its expansion; `stored` is the one in the address. NOT_FOUND, INVALID or TOO_LARGE with the reason."""
    resource = value_set_asked(arguments, definitions, stored)
    expansion: dict[str, Any] = {"identifier": f"urn:uuid:{uuid4()}", "timestamp": now.isoformat(timespec="seconds")}
    members = _wanted(_members(resource, terminology), arguments, resource)
    nested = arguments.boolean("excludeNested") is False and not {"count", "offset", "filter"} & arguments.values.keys()
    page = members if nested else _page(members, arguments)
    expansion |= {"total": len(members)} | ({"offset": arguments.integer("offset") or 0} if "offset" in arguments else {})
    expansion["parameter"] = [*_recorded(arguments), *_used(page, terminology)]
    contains = _tree(page, arguments, terminology) if nested else [_contains(one, arguments) for one in page]
    empty = [name for name in ("parameter",) if not expansion[name]]
    shown = {name: value for name, value in expansion.items() if name not in empty} | ({"contains": contains} if contains else {})
    return _described(resource, arguments) | {"expansion": shown}


def _described(resource: Resource, arguments: Arguments) -> Resource:
    kept = (*_KEPT, "compose") if arguments.boolean("includeDefinition") else _KEPT
    return {"resourceType": "ValueSet", "status": "active"} | {name: resource[name] for name in kept if name in resource}


def _members(resource: Resource, terminology: Terminology) -> list[Member]:
    said = _said(resource)
    return [
        Member(system, code, said.get((system, code), {}), terminology.concept(system, code))
        for system, code in _codes(resource, terminology)
    ]


def _codes(resource: Resource, terminology: Terminology) -> list[Code]:
    try:
        found = compiled(resource, terminology).first(MAX_WALKED + 1)
    except NotListable as error:
        raise fault(
            Category.INVALID, "not-found", f"The value set cannot be expanded here: {error}. Add the package that has it."
        ) from None
    except RecursionError:
        raise fault(Category.INVALID, "invalid", "The value set is made of itself; mend the ValueSets that it names.") from None
    if len(found) > MAX_WALKED:
        raise _too_costly(f"The value set has more than {MAX_WALKED} codes, which this server does not list; use $validate-code.")
    return found


def _too_costly(sentence: str) -> FhirError:
    return fault(Category.INVALID, "too-costly", sentence)


def _said(resource: Resource) -> dict[Code, Source]:
    """What the definition itself says about its codes: displays and designations; of an expansion without definition, the same."""
    found: dict[Code, Source] = {}
    for include in resource.get("compose", {}).get("include", ()):
        for one in include.get("concept", ()):
            found.setdefault((str(include.get("system")), str(one.get("code"))), one)
    if not found:
        _said_in_expansion(resource.get("expansion", {}), found)
    return found


def _said_in_expansion(node: dict[str, Any], found: dict[Code, Source]) -> None:
    for one in node.get("contains", ()):
        found.setdefault((str(one.get("system")), str(one.get("code"))), one)
        _said_in_expansion(one, found)


def _wanted(members: Sequence[Member], arguments: Arguments, resource: Resource) -> list[Member]:
    active = arguments.boolean("activeOnly") or resource.get("compose", {}).get("inactive") is False
    for_ui = arguments.boolean("excludeNotForUI")
    words = _folded(arguments.text("filter") or "").split()
    language = arguments.text("displayLanguage")
    kept = (one for one in members if not (active and one.is_inactive) and not (for_ui and one.is_abstract))
    return [one for one in kept if not words or _matches(one, words, language)]


def _matches(member: Member, words: Sequence[str], language: str | None) -> bool:
    """Each word begins a word of what the concept is called, or its code; accents and letter case do not count."""
    shown = [member.code, display_in(member.sources, language) or ""]
    shown += [str(one["value"]) for source in member.sources for one in designations(source)]
    found = _folded(" ".join(shown).replace("-", " ").replace("'", " ").replace("’", " ")).split()
    return all(any(one.startswith(word) for one in (*found, _folded(member.code))) for word in words)


def _folded(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))


def _page(members: list[Member], arguments: Arguments) -> list[Member]:
    offset, count = arguments.integer("offset") or 0, arguments.integer("count")
    page = members[offset:] if count is None else members[offset : offset + count]
    if len(page) > MAX_CODES:
        raise _too_costly(
            f"The expansion has {len(page)} codes; at most {MAX_CODES} are sent at once. Ask in pages, with count and offset."
        )
    return page


def _contains(member: Member, arguments: Arguments) -> dict[str, Any]:
    element: dict[str, Any] = {"system": member.system}
    element |= {name: True for name, holds in (("abstract", member.is_abstract), ("inactive", member.is_inactive)) if holds}
    element["code"] = member.code
    if display := display_in(member.sources, arguments.text("displayLanguage")):
        element["display"] = display
    found = [one for source in member.sources for one in designations(source)] if arguments.boolean("includeDesignations") else []
    return element | ({"designation": found} if found else {})


def _tree(members: Sequence[Member], arguments: Arguments, terminology: Terminology) -> list[dict[str, Any]]:
    """Codes below the nearest code above them that is in the set too."""
    if len(members) > MAX_CODES:
        raise _too_costly(f"A nested expansion has no pages, and this one has {len(members)} codes; ask with excludeNested=true and count.")
    elements = {(one.system, one.code): _contains(one, arguments) for one in members}
    roots: list[dict[str, Any]] = []
    for one in members:
        above = next((elements[parent] for parent in _above(one, terminology) if parent in elements), None)
        (roots if above is None else above.setdefault("contains", [])).append(elements[(one.system, one.code)])
    return roots


def _above(member: Member, terminology: Terminology) -> Iterator[Code]:
    """Codes above, nearest first; one way up only, so that each code stands once. Itself, which a cycle leads to, is not among them."""
    seen, concept = {member.code}, member.concept
    while concept is not None and concept.parents:
        parent = min(concept.parents)
        if parent in seen:
            return
        seen.add(parent)
        yield member.system, parent
        concept = terminology.concept(member.system, parent)


def _recorded(arguments: Arguments) -> Iterator[dict[str, Any]]:
    """What was asked and counts for the content."""
    for name in _RECORDED:
        if name not in arguments:
            continue
        if name in ("offset", "count"):
            yield {"name": name, "valueInteger": arguments.integer(name)}
        elif name in ("filter", "displayLanguage"):
            yield {"name": name, "valueString" if name == "filter" else "valueCode": arguments.text(name)}
        else:
            yield {"name": name, "valueBoolean": arguments.boolean(name)}


def _used(members: Sequence[Member], terminology: Terminology) -> Iterator[dict[str, Any]]:
    """The versions of the code systems that the codes come from."""
    for system in dict.fromkeys(member.system for member in members):
        table = terminology.code_system(system, None)
        yield {"name": "version", "valueUri": f"{system}|{table.version}" if table and table.version else system}

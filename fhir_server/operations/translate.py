"""ConceptMap/$translate: a code of one value set in another (https://hl7.org/fhir/R4/conceptmap-operation-translate.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.sent import sent
from fhir_server.operations.validate_code import coding_asked
from fhir_server.terminology.concept_map import MAX_CHAIN, NO_MATCH, Code, ConceptMap, Match, Question

MAX_MATCHES = 1000


def translated_code(arguments: Arguments, definitions: Definitions, stored: Resource | None = None) -> Resource:
    """Parameters with result, message and matches; NOT_FOUND where the ConceptMap that is named is not here."""
    back = bool(arguments.boolean("reverse"))
    maps = _maps(arguments, definitions, stored, back)
    found = [match for question in _questions(arguments) for match in _matches(maps, question, definitions, back)]
    matches = list(dict.fromkeys(found))[:MAX_MATCHES]
    is_right = any(match.equivalence not in NO_MATCH for match in matches)
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": is_right}]
    parameters += [] if is_right else [{"name": "message", "valueString": _why_not(maps, matches)}]
    return answer(*parameters, *(_shown(match) for match in matches))


def _why_not(maps: list[ConceptMap], matches: list[Match]) -> str:
    if not maps:
        return "No ConceptMap in use translates from and to what was asked; add the package that has it, or store one."
    if matches:
        return "The ConceptMap says that this code has no translation."
    return "The ConceptMaps have no translation of this code: " + ", ".join(one.url for one in maps[:10]) + "."


def _questions(arguments: Arguments) -> list[Question]:
    given = [name for name in ("code", "coding", "codeableConcept") if name in arguments]
    if len(given) != 1:
        raise fault(Category.MALFORMED, "required", "Send exactly one of 'code' (with 'system'), 'coding' and 'codeableConcept'.")
    if given == ["code"]:
        codes = [(arguments.required("system"), arguments.required("code"))]
    else:
        element = arguments.element(given[0]) or {}
        codings = [element] if given == ["coding"] else element.get("coding", [])
        codes = [_system_and_code(one) for one in (codings if isinstance(codings, list) else [])]
    context = dict(_context(arguments))
    return [Question(system, code, arguments.text("targetsystem"), context) for system, code in codes]


def _system_and_code(coding: Any) -> Code:
    found = coding_asked(coding)
    if found.system is None:
        raise fault(Category.MALFORMED, "required", "The Coding has no system; nothing can be translated.")
    return found.system, found.code


def _context(arguments: Arguments) -> Iterator[tuple[str, Code]]:
    for one in arguments.parts("dependency"):
        concept = one.element("concept") or {}
        for coding in concept.get("coding", ()) or [{"code": concept.get("text")}]:
            yield str(one.text("element")), (str(coding.get("system", "")), str(coding.get("code")))


def _maps(arguments: Arguments, definitions: Definitions, stored: Resource | None, back: bool) -> list[ConceptMap]:
    """The one that is named, or every one that goes between the value sets and systems that are named."""
    inline, url = sent(arguments, "conceptMap", "ConceptMap", definitions), arguments.text("url")
    if sum(one is not None for one in (stored, inline, url)) > 1:
        raise fault(Category.MALFORMED, "invalid", "Name one ConceptMap: by its id in the address, by 'url', or send it as 'conceptMap'.")
    if url is not None:
        return [_by_url(url, arguments.text("conceptMapVersion"), definitions)]
    if stored or inline:
        return [_read(stored or inline or {})]
    asked = (arguments.text("target"), arguments.text("source")) if back else (arguments.text("source"), arguments.text("target"))
    if asked == (None, None) and "targetsystem" not in arguments:
        sentence = "Name the ConceptMap ('url'), or the value sets 'source' and 'target' to translate between, or a 'targetsystem'."
        raise fault(Category.MALFORMED, "required", sentence)
    return [
        one
        for one in known_maps(definitions, definitions.generation)
        if one.source == (asked[0] or one.source) and one.target == (asked[1] or one.target)
    ]


def _by_url(url: str, version: str | None, definitions: Definitions) -> ConceptMap:
    found = definitions.resolve(f"{url}|{version}" if version and "|" not in url else url)
    if found is None or found.get("resourceType") != "ConceptMap":
        raise fault(Category.NOT_FOUND, "not-found", f"The ConceptMap {url[:200]} is neither in a package in use nor stored here.")
    return ConceptMap(found)


def _read(resource: Resource) -> ConceptMap:
    try:
        return ConceptMap(resource)
    except (AttributeError, TypeError):
        raise fault(
            Category.MALFORMED, "structure", "The ConceptMap cannot be read; POST it to /ConceptMap/$validate to learn why."
        ) from None


@lru_cache(maxsize=2)
def known_maps(definitions: Definitions, _generation: int) -> tuple[ConceptMap, ...]:
    """All ConceptMaps of the packages in use and those stored, a stored one in place of a package's with the same URL."""
    packaged = (resource for package in definitions.packages for resource in package.all("ConceptMap"))
    own = (definitions.stored.resolve(url) for url in definitions.stored.urls())
    stored = (one for one in own if one and one.get("resourceType") == "ConceptMap")
    found = {str(resource.get("url")): resource for resource in (*packaged, *stored)}
    return tuple(_readable(found.values()))


def _readable(resources: Iterable[Resource]) -> Iterator[ConceptMap]:
    for resource in resources:
        try:
            yield ConceptMap(resource)
        except (AttributeError, TypeError):  # stored without being valid: it translates nothing
            continue


def _matches(maps: Iterable[ConceptMap], question: Question, definitions: Definitions, back: bool) -> Iterator[Match]:
    waiting = [(one, 0) for one in maps]
    while waiting:
        one, depth = waiting.pop(0)
        yield from one.translate_back(question) if back else one.translate(question)
        further = [] if back or depth >= MAX_CHAIN else list(one.elsewhere(question))
        waiting += [(_by_url(url, None, definitions), depth + 1) for url in further]


def _shown(match: Match) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"name": "equivalence", "valueCode": match.equivalence}]
    if match.code is not None:
        said = (("system", match.system), ("code", match.code), ("display", match.display))
        parts.append({"name": "concept", "valueCoding": {name: value for name, value in said if value}})
    for element, (system, code) in match.products:
        coding = {"system": system, "code": code} if system else {"code": code}
        parts.append({"name": "product", "part": [{"name": "element", "valueUri": element}, {"name": "concept", "valueCoding": coding}]})
    return {"name": "match", "part": [*parts, {"name": "source", "valueUri": match.map}]}

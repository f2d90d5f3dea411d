"""$validate-code on ValueSet and CodeSystem: is this code right, and is it called so?
(https://hl7.org/fhir/R4/valueset-operation-validate-code.html, https://hl7.org/fhir/R4/codesystem-operation-validate-code.html)

What cannot be checked, since a code system is not here, is `result` false with a message that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.language import DEFAULT
from fhir_server.model.phrase import in_language, phrase
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.sent import sent
from fhir_server.operations.value_set_asked import compiled, value_set_asked
from fhir_server.terminology import Answer, Terminology
from fhir_server.terminology.answer import no
from fhir_server.terminology.code_system import CodeSystem, Concept
from fhir_server.terminology.designation import Source, designations, display_in

UNSUPPORTED = ("context", "date")
MAX_CODINGS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """One coding to check; `system` None means any that the value set has."""

    system: str | None
    version: str | None
    code: str
    display: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer about one coding, and what its concept is called."""

    answer: Answer
    display: str | None


Judge = Callable[[Asked], tuple[Answer, tuple[Source, ...]]]
"""Is the code in it, and what says how it is called."""


def validated_in_value_set(
    arguments: Arguments, definitions: Definitions, terminology: Terminology, stored: Resource | None = None, language: str = DEFAULT
) -> Resource:
    """Parameters with `result`, `message` and `display`."""
    resource = value_set_asked(arguments, definitions, stored)
    table = compiled(resource, terminology)
    by_url = stored is None and "valueSet" not in arguments
    canonical = (
        f"{resource.get('url')}|{arguments.text('valueSetVersion')}" if "valueSetVersion" in arguments else str(arguments.text("url"))
    )

    def judge(asked: Asked) -> tuple[Answer, tuple[Source, ...]]:
        found = terminology.validate_code(canonical, asked.system, asked.code) if by_url else _answer(table, asked)
        systems = [asked.system] if asked.system else [system for system, code in table.listed or () if code == asked.code]
        concept = terminology.concept(systems[0], asked.code) if systems else None
        if found.is_yes and concept and _is_abstract(concept) and arguments.boolean("abstract") is False:
            found = no(phrase("'{code}' is abstract: it groups other codes and is not to be used itself.", code=asked.code))
        return found, tuple(_sources(resource, systems, asked.code, concept))

    return _judged(arguments, _asked(arguments, "system", "systemVersion", needs_system=True), judge, language)


def _answer(table: Any, asked: Asked) -> Answer:
    try:
        found: Answer = table.answer(asked.system, asked.code)
        return found
    except RecursionError:
        raise fault(Category.INVALID, "invalid", "The value set is made of itself; mend the ValueSets that it names.") from None


def validated_in_code_system(
    arguments: Arguments, definitions: Definitions, terminology: Terminology, stored: Resource | None = None, language: str = DEFAULT
) -> Resource:
    """The same for a code system: the stored one, one in the body (`codeSystem`), or one by its `url`."""
    inline, url = sent(arguments, "codeSystem", "CodeSystem", definitions), arguments.text("url")
    given = stored or inline
    if given is None and url is None and "coding" not in arguments:
        raise fault(Category.MALFORMED, "required", "Name the code system: by its id in the address, by 'url', or send it as 'codeSystem'.")
    table = code_table(given) if given is not None else None
    system = str(given.get("url")) if given is not None else url

    def judge(asked: Asked) -> tuple[Answer, tuple[Source, ...]]:
        wanted = asked.system or str(system)
        if system is not None and wanted != system:
            return no(phrase("The code system is {system}, not {system2}.", system=wanted, system2=system)), ()
        found = table.answer(asked.code) if table else terminology.validate_in_system(_versioned(wanted, asked.version), asked.code)
        concept = table.find(asked.code) if table else terminology.concept(_versioned(wanted, asked.version), asked.code)
        return found, (concept.source,) if concept else ()

    return _judged(arguments, _asked(arguments, "", "version", needs_system=False), judge, language)


def code_table(resource: Resource) -> CodeSystem:
    """The tables of a CodeSystem; MALFORMED where it is none that could be read."""
    try:
        return CodeSystem(resource)
    except (AttributeError, TypeError, ValueError):
        raise fault(
            Category.MALFORMED, "structure", "The CodeSystem cannot be read; POST it to /CodeSystem/$validate to learn why."
        ) from None


def _versioned(system: str, version: str | None) -> str:
    return f"{system}|{version}" if version else system


def _asked(arguments: Arguments, system: str, version: str, *, needs_system: bool) -> list[Asked]:
    one = [name for name in ("code", "coding", "codeableConcept") if name in arguments]
    if len(one) != 1:
        raise fault(Category.MALFORMED, "required", "Send exactly one of 'code', 'coding' and 'codeableConcept' to be checked.")
    if one == ["code"]:
        said = arguments.text(system) if system else None
        if needs_system and said is None:
            raise fault(Category.MALFORMED, "required", "A 'code' needs the 'system' that it is a code of.")
        return [Asked(said, arguments.text(version), arguments.required("code"), arguments.text("display"))]
    element = arguments.element(one[0]) or {}
    codings = [element] if one == ["coding"] else element.get("coding", [])
    return _codings(codings)


def _codings(codings: Any) -> list[Asked]:
    if not isinstance(codings, list) or not codings or len(codings) > MAX_CODINGS:
        raise fault(Category.MALFORMED, "required", f"The CodeableConcept has no coding that could be checked, or more than {MAX_CODINGS}.")
    return [coding_asked(one) for one in codings]


def coding_asked(coding: Any) -> Asked:
    """A Coding to ask about; MALFORMED where it has no code."""
    if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
        raise fault(Category.MALFORMED, "required", "The Coding has no code; nothing can be looked up.")
    said = {name: value for name in ("system", "version", "display") if isinstance(value := coding.get(name), str)}
    return Asked(said.get("system"), said.get("version"), coding["code"], said.get("display"))


def _judged(arguments: Arguments, asked: list[Asked], judge: Judge, language: str) -> Resource:
    """One coding that is right is enough; the message then tells what is wrong with the others."""
    shown = arguments.text("displayLanguage")
    found = [_with_display(one, *judge(one), shown) for one in asked]
    right = next((one for one in found if one.answer.is_yes), None)
    reasons = [in_language(one.answer.reason, language) for one in found if one.answer.reason]
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": right is not None}]
    parameters += [{"name": "message", "valueString": " ".join(reasons)}] if reasons else []
    display = (right or found[0]).display
    return answer(*parameters, *([{"name": "display", "valueString": display}] if display else []))


def _with_display(asked: Asked, found: Answer, sources: tuple[Source, ...], language: str | None) -> Judged:
    display = display_in(sources, language)
    if found.is_yes and asked.display and display and _folded(asked.display) not in {_folded(one) for one in _texts(sources)}:
        sentence = phrase(
            "'{code}' is right, but it is not called '{display}'; it is '{right}'.",
            code=asked.code,
            display=asked.display[:200],
            right=display,
        )
        found = no(sentence)
    return Judged(found, display)


def _texts(sources: tuple[Source, ...]) -> Iterator[str]:
    for source in sources:
        yield from (str(one) for one in [source.get("display")] if one)
        yield from (str(one["value"]) for one in designations(source))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _sources(resource: Resource, systems: list[str], code: str, concept: Concept | None) -> Iterator[Source]:
    for include in resource.get("compose", {}).get("include", ()):
        if include.get("system") in systems:
            yield from (one for one in include.get("concept", ()) if one.get("code") == code)
    if concept:
        yield concept.source


def _is_abstract(concept: Concept) -> bool:
    return True in concept.values("notSelectable")

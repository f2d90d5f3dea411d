"""CodeSystem/$subsumes: does one code include the other? (https://hl7.org/fhir/R4/codesystem-operation-subsumes.html)"""

from __future__ import annotations

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.validate_code import code_table, coding_asked
from fhir_server.terminology import Terminology
from fhir_server.terminology.code_system import CodeSystem


def subsumed(arguments: Arguments, definitions: Definitions, terminology: Terminology, stored: Resource | None = None) -> Resource:
    """Parameters with `outcome`: equivalent, subsumes (A includes B), subsumed-by or not-subsumed."""
    system, version = arguments.text("system"), arguments.text("version")
    codes = [_code(arguments, letter, system or (str(stored.get("url")) if stored else None)) for letter in "AB"]
    systems = {found for found, _ in codes}
    if len(systems) != 1:
        raise fault(Category.INVALID, "invalid", f"The two codes are of different code systems: {', '.join(sorted(systems))}.")
    (url,) = systems
    resource = stored or definitions.resolve(f"{url}|{version}" if version else url) or {}
    table = code_table(stored) if stored else terminology.code_system(url, version)
    if table is None:
        sentence = f"The code system {url} is neither in a package in use nor stored here with its concepts; add the package that has it."
        raise fault(Category.NOT_FOUND, "not-found", sentence)
    return answer({"name": "outcome", "valueCode": _outcome(table, resource, *(code for _, code in codes))})


def _code(arguments: Arguments, letter: str, system: str | None) -> tuple[str, str]:
    if (f"code{letter}" in arguments) == (f"coding{letter}" in arguments):
        raise fault(Category.MALFORMED, "required", f"Send either 'code{letter}' or 'coding{letter}'.")
    if f"coding{letter}" in arguments:
        coding = coding_asked(arguments.element(f"coding{letter}"))
        found, code = coding.system or system, coding.code
    else:
        found, code = system, arguments.required(f"code{letter}")
    if found is None:
        raise fault(Category.MALFORMED, "required", "The parameter 'system' is missing: whose codes are they?")
    return found, code


def _outcome(table: CodeSystem, resource: Resource, a: str, b: str) -> str:
    first, second = table.find(a), table.find(b)
    for code, concept in ((a, first), (b, second)):
        if concept is None:
            raise fault(Category.INVALID, "code-invalid", str(table.answer(code).reason))
    assert first is not None
    assert second is not None
    if first is second:
        return "equivalent"
    if (meaning := resource.get("hierarchyMeaning", "is-a")) != "is-a":
        sentence = f"The hierarchy of {table.url} means '{meaning}', not 'is-a'; it does not say whether one code includes another."
        raise fault(Category.INVALID, "not-supported", sentence)
    if first.code in table.ancestors(second.code):
        return "subsumes"
    return "subsumed-by" if second.code in table.ancestors(first.code) else "not-subsumed"

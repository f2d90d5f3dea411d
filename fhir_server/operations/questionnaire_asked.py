"""Which form an operation is about: sent, or named by canonical URL, reference or identifier
(https://hl7.org/fhir/uv/sdc/STU4/OperationDefinition-Questionnaire-populate.html).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.sent import sent
from fhir_server.questionnaires import Source

NAMES = ("questionnaire", "canonical", "questionnaireRef", "identifier")


def questionnaire_asked(arguments: Arguments, source: Source, definitions: Definitions) -> Resource:
    """The form; MALFORMED where none or several are named, NOT_FOUND where it is not here."""
    named = [name for name in NAMES if name in arguments]
    if len(named) != 1:
        raise fault(Category.MALFORMED, "required", f"Name one questionnaire, by {', '.join(NAMES[:-1])} or {NAMES[-1]}.")
    value = arguments.values[named[0]][-1]
    found = _found(named[0], value, arguments, source, definitions)
    if found is None:
        raise fault(Category.NOT_FOUND, "not-found", f"The questionnaire {_said(value)} is not here; store it, or send it whole.")
    return found


def _found(name: str, value: Any, arguments: Arguments, source: Source, definitions: Definitions) -> Resource | None:
    if isinstance(value, dict) and "resourceType" in value:
        return sent(arguments, name, "Questionnaire", definitions)
    if name == "identifier":
        token = "|".join(str(value.get(one, "")) for one in ("system", "value")) if isinstance(value, dict) else str(value)
        return _searched(source, f"identifier={quote(token)}")
    text = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(text, str) or not text:
        raise fault(Category.MALFORMED, "value", f"The parameter '{name}' is a canonical URL, a Reference or a Questionnaire.")
    if text.startswith("Questionnaire/"):
        return source.read("Questionnaire", text.partition("/")[2])
    return by_canonical(text, source, definitions)


def by_canonical(canonical: str, source: Source, definitions: Definitions) -> Resource | None:
    """The form of a canonical URL: stored here, or in a package in use."""
    url, _, version = canonical.partition("|")
    stored = _searched(source, f"url={quote(url)}" + (f"&version={quote(version)}" if version else ""))
    found = stored or definitions.resolve(canonical)
    return found if found and found.get("resourceType") == "Questionnaire" else None


def _searched(source: Source, query: str) -> Resource | None:
    """The latest of several."""
    entries = objects(source.search("Questionnaire", f"{query}&_sort=-_lastUpdated&_count=1").get("entry"))
    return entries[0]["resource"] if entries else None


def _said(value: Any) -> str:
    return f"'{str(value.get('reference') or value.get('value') if isinstance(value, dict) else value)[:200]}'"

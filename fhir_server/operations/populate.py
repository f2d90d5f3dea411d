"""Questionnaire/$populate: a response to a form, filled in as far as the server and what is sent can tell
(https://hl7.org/fhir/uv/sdc/STU4/OperationDefinition-Questionnaire-populate.html). Nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Node
from fhir_server.model.issue import Category, fault, operation_outcome
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import translated
from fhir_server.model.references import parse_reference
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.form_source import FormSource
from fhir_server.operations.questionnaire_asked import questionnaire_asked
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.blank_response import blank_response
from fhir_server.questionnaires.environment import LAUNCH_CONTEXT
from fhir_server.questionnaires.item import SDC, Item, complex_extensions, extension, extensions
from fhir_server.questionnaires.offered_codes import OfferedCodes
from fhir_server.questionnaires.population import Population
from fhir_server.terminology import Terminology

SOURCE_QUERIES = SDC + "sourceQueries"
CONTEXTS = ("context", "launchContext")
UNSUPPORTED = ("dataEndpoint", "data")
DEFINITION: Resource = {
    "code": "populate",
    "parameter": [
        {"name": name, "use": "in", "max": most}
        for name, most in (
            ("identifier", "1"), ("canonical", "1"), ("questionnaire", "1"), ("questionnaireRef", "1"), ("subject", "1"), ("context", "*"),
            ("launchContext", "*"), ("local", "1"), ("calculate", "1"), ("data", "1"), ("dataEndpoint", "1"),
        )
    ],
}  # fmt: skip
"""SDC's parameters by the names of its releases 3 and 4, and `calculate` of our own: also work out calculated answers."""


@dataclass(frozen=True, slots=True)
class FormDesk:
    """What operations on forms stand on: what may be read, what is defined, the moment, the language of what is said."""

    source: FormSource
    definitions: Definitions
    terminology: Terminology
    now: datetime
    language: str = "en"
    may_condition: bool = True
    """Whether the caller may create on condition that nothing matches (docs/decisions/0020-access.md)."""


def populated(arguments: Arguments, desk: FormDesk, stored: Resource | None = None) -> Resource:
    """Parameters with the response and, where something could not be told, the issues; to be called in a worker thread."""
    questionnaire = stored or questionnaire_asked(arguments, desk.source, desk.definitions)
    contexts = contexts_of(arguments)
    is_local = arguments.boolean("local") is not False
    blank = blank_response(questionnaire)
    subject = _subject(arguments, contexts)
    environment = _environment(questionnaire, blank, contexts, desk, is_local)
    _give(environment, questionnaire, contexts, subject if is_local else None, desk)
    codes = OfferedCodes(questionnaire, desk.terminology)
    calculating = arguments.boolean("calculate") is True
    about = desk.source.relative(str(subject["reference"])) if subject and "reference" in subject else None
    population = Population(environment, codes.with_code, desk.now, about, calculating)
    response = _signed(population.populate(), subject, contexts, desk)
    issues = operation_outcome(translated(population.issues, desk.language)) if population.issues else None
    told = [{"name": "issues", "resource": issues}] if issues else []
    return answer({"name": "response", "resource": response}, *told)


def contexts_of(arguments: Arguments) -> dict[str, list[Any]]:
    """Name -> contents (resources or References) of the launch contexts that were sent; MALFORMED where a part is missing."""
    found: dict[str, list[Any]] = {}
    for one in (part for name in CONTEXTS for part in arguments.parts(name)):
        contents = [value for value in one.values.get("content", ()) if isinstance(value, dict)]
        if not contents:
            raise fault(Category.MALFORMED, "required", "A context has a 'name' and at least one 'content': a resource or a Reference.")
        found.setdefault(_context_name(one), []).extend(contents)
    return found


def _context_name(part: Arguments) -> str:
    value = next(iter(part.values.get("name", ())), None)
    return str(value.get("code")) if isinstance(value, dict) else part.required("name")


def _environment(questionnaire: Resource, blank: Resource, contexts: dict[str, list[Any]], desk: FormDesk, is_local: bool) -> Environment:
    given = {name: [Node(one, one["resourceType"]) for one in values] for name, values in contexts.items() if _are_resources(values)}
    codes = OfferedCodes(questionnaire, desk.terminology)
    return Environment(
        paired(questionnaire, blank), desk.definitions.schema, given=given, now=desk.now, source=desk.source if is_local else None,
        resolve=desk.source.resolve if is_local else None, concept_weight=codes.concept_weight,
    )  # fmt: skip


def _are_resources(values: list[Any]) -> bool:
    return all(isinstance(one.get("resourceType"), str) and not _is_batch(one) for one in values)


def _is_batch(resource: Item) -> bool:
    return resource.get("resourceType") == "Bundle" and resource.get("type") in ("batch", "transaction")


def _give(environment: Environment, questionnaire: Resource, contexts: dict[str, list[Any]], subject: Item | None, desk: FormDesk) -> None:
    """What is to be read when it is needed: contexts by reference, batches of queries, the subject."""
    for batch in _source_queries(questionnaire):
        environment.give_batch(str(batch.get("id")), batch)
    for name, values in contexts.items():
        for value in () if _are_resources(values) else values[:1]:
            _give_one(environment, questionnaire, name, value, desk)
    for name in _launched_with(questionnaire, subject) if subject else ():
        if name not in contexts:
            environment.give(name, desk.source.relative(str((subject or {}).get("reference"))))


def _give_one(environment: Environment, questionnaire: Resource, name: str, value: Item, desk: FormDesk) -> None:
    text = str(value.get("reference", ""))
    batch = value if _is_batch(value) else _contained(questionnaire, text)
    if batch:
        environment.give_batch(str(batch.get("id")) if name == "sourceQueries" else name, batch)
    elif text:
        environment.give(name, desk.source.relative(text))


def _source_queries(questionnaire: Resource) -> list[Resource]:
    references = [str(one.get("reference")) for one in extensions(questionnaire, SOURCE_QUERIES) if isinstance(one, dict)]
    return [found for one in references if (found := _contained(questionnaire, one))]


def _contained(questionnaire: Resource, reference: str) -> Resource | None:
    return next((one for one in objects(questionnaire.get("contained")) if f"#{one.get('id')}" == reference), None)


def _launched_with(questionnaire: Resource, subject: Item) -> list[str]:
    """The launch contexts of the subject's type."""
    type_name = (parse_reference(str(subject.get("reference"))).type_and_id or "").partition("/")[0]
    found = []
    for one in complex_extensions(questionnaire, LAUNCH_CONTEXT):
        name = extension(one, "name")
        if type_name in [extension(one, "type"), *extensions(one, "type")] and name:
            found.append(str(name.get("code")) if isinstance(name, dict) else str(name))
    return found


def _subject(arguments: Arguments, contexts: dict[str, list[Any]]) -> Item | None:
    """The parameter, else the patient that the form is launched with."""
    value = next(iter(arguments.values.get("subject", ())), None)
    if isinstance(value, str):
        return {"reference": value}
    if isinstance(value, dict):
        return value
    return _reference_to("patient", contexts)


def _reference_to(name: str, contexts: dict[str, list[Any]]) -> Item | None:
    for one in contexts.get(name, ()):
        if isinstance(one.get("id"), str) and "resourceType" in one:
            return {"reference": f"{one['resourceType']}/{one['id']}"}
        if "resourceType" not in one and "?" not in str(one.get("reference", "?")):
            return {key: one[key] for key in ("reference", "type", "display") if key in one}
    return None


def _signed(response: Resource, subject: Item | None, contexts: dict[str, list[Any]], desk: FormDesk) -> Resource:
    """With whom it is about, in which encounter, by whom and when."""
    said = {"subject": subject, "encounter": _reference_to("encounter", contexts), "author": _reference_to("user", contexts)}
    items = {"item": response.pop("item")} if "item" in response else {}
    head = {name: value for name, value in said.items() if value}
    return {**response, **head, "authored": desk.now.isoformat(timespec="seconds"), **items}

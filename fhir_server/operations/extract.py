"""QuestionnaireResponse/$extract (https://hl7.org/fhir/uv/sdc/STU4/OperationDefinition-QuestionnaireResponse-extract.html): what a response
says as a transaction, which nobody has carried out yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.model.issue import Category, Issue, fault, operation_outcome
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.extract_standing import without_standing
from fhir_server.operations.populate import FormDesk
from fhir_server.operations.questionnaire_asked import by_canonical
from fhir_server.operations.sent import sent
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.environment import launch_contexts
from fhir_server.questionnaires.extract import Extracted, extracted

DEFINITION: Resource = {
    "code": "extract",
    "parameter": [
        {"name": "questionnaire-response", "use": "in", "max": "1", "type": "QuestionnaireResponse"},
        {"name": "questionnaire", "use": "in", "max": "1", "type": "Questionnaire"},
    ],
}

NOT_DONE = ("in-progress", "stopped", "entered-in-error")
LAUNCHED_BY: Mapping[str, str] = {"patient": "subject", "encounter": "encounter", "user": "author"}
"""What a form is launched with, and where its response names it."""


def extracted_from(arguments: Arguments, desk: FormDesk, stored: Resource | None = None) -> Resource:
    """Parameters with the transaction as `return`, and `issues` where there is something to tell; to be called in a worker thread."""
    arguments = _without_empty_arrays(arguments)
    response = _response_asked(arguments, desk, stored)
    form = sent(arguments, "questionnaire", "Questionnaire", desk.definitions) or _form_of(response, desk)
    made = _extracted(form, response, desk)
    bundle, standing = (made.bundle, ()) if desk.may_condition or made.bundle is None else without_standing(made.bundle, desk.source)
    issues = [*_about(form, response), *made.issues, *standing, *([] if made.bundle else [_nothing()])]
    return answer(
        *([{"name": "return", "resource": bundle}] if bundle else []),
        *([{"name": "issues", "resource": operation_outcome(issues)}] if issues else []),
    )


def _extracted(form: Resource, response: Resource, desk: FormDesk) -> Extracted:
    environment = Environment(
        paired(form, response), desk.definitions.schema, given=_given(form, response, desk), source=desk.source, now=desk.now,
        resolve=desk.source.resolve,
    )  # fmt: skip
    return extracted(environment, desk.definitions.resolve, stored_as=_stored_as(response, desk))


def _stored_as(response: Resource, desk: FormDesk) -> str | None:
    """The id of a response that is here, also where it was sent; an id that means something elsewhere is none."""
    id_ = response.get("id")
    return id_ if isinstance(id_, str) and desk.source.resolve(f"QuestionnaireResponse/{id_}") else None


def _response_asked(arguments: Arguments, desk: FormDesk, stored: Resource | None) -> Resource:
    given = sent(arguments, "questionnaire-response", "QuestionnaireResponse", desk.definitions)
    found = stored if given is None else given
    if found is None or (given is not None and stored is not None):
        sentence = "Name one response: by its id in the address, or send it as the parameter 'questionnaire-response'."
        raise fault(Category.MALFORMED, "required", sentence)
    return found


def _without_empty_arrays(arguments: Arguments) -> Arguments:
    """Form fillers leave `"item": []` where nothing was filled in; that is no reason not to read the rest."""
    return Arguments({name: [_filled(one) for one in values] for name, values in arguments.values.items()})


def _filled(value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return {name: _filled(one) for name, one in value.items() if one != []} if isinstance(value, dict) else value


def _form_of(response: Resource, desk: FormDesk) -> Resource:
    """The form that a response names: contained, stored here or in a package; INVALID where there is none."""
    canonical = str(response.get("questionnaire", ""))
    contained = (one for one in objects(response.get("contained")) if f"#{one.get('id')}" == canonical)
    found = next(contained, None) if canonical.startswith("#") or not canonical else by_canonical(canonical, desk.source, desk.definitions)
    if found is None:
        named = f"The form {canonical[:200]} is not here" if canonical else "The response names no form"
        sentence = f"{named}; store the Questionnaire, or send it as the parameter 'questionnaire'."
        raise fault(Category.INVALID, "not-found", sentence, "QuestionnaireResponse.questionnaire")
    return found


def _given(form: Resource, response: Resource, desk: FormDesk) -> dict[str, Node] | None:
    """What the form was launched with, as far as its response names it and the caller may see it; None where that is nothing."""
    named = {name: response.get(LAUNCHED_BY[name]) for name in launch_contexts(form) if name in LAUNCHED_BY}
    found = {name: desk.source.resolve(str(one.get("reference"))) for name, one in named.items() if isinstance(one, dict)}
    return {name: Node(one, str(one["resourceType"])) for name, one in found.items() if one} or None


def _about(form: Resource, response: Resource) -> list[Issue]:
    found = []
    if (status := response.get("status")) in NOT_DONE:
        sentence = f"The response is {status}: what was extracted may not be all, or not meant any more."
        found.append(Issue("information", "informational", sentence, "QuestionnaireResponse.status"))
    if not _belongs(form, response):
        sentence = f"The response is to {response.get('questionnaire')}, the form that was sent is {form.get('url')}."
        found.append(Issue("warning", "business-rule", sentence, "QuestionnaireResponse.questionnaire"))
    return found


def _belongs(form: Resource, response: Resource) -> bool:
    """True for the response's own form, and for one derived from it, which may have more instructions."""
    named = str(response.get("questionnaire", "")).partition("|")[0]
    known = [form.get("url"), *(form.get("derivedFrom") or ())]
    return not named or named.startswith("#") or not form.get("url") or named in [str(one).partition("|")[0] for one in known]


def _nothing() -> Issue:
    sentence = "There is nothing to extract: the form has no instructions for it, or nothing that they concern was answered."
    return Issue("information", "informational", sentence)

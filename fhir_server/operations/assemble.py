"""Questionnaire/$assemble (https://hl7.org/fhir/uv/sdc/STU4/OperationDefinition-Questionnaire-assemble.html): a modular form made whole.
Nothing is stored."""

from __future__ import annotations

from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.populate import FormDesk
from fhir_server.operations.questionnaire_asked import by_canonical, questionnaire_asked
from fhir_server.questionnaires.assemble import assembled

DEFINITION: Resource = {"code": "assemble", "parameter": [{"name": "questionnaire", "use": "in", "max": "1", "type": "Questionnaire"}]}


def assembled_form(arguments: Arguments, desk: FormDesk, stored: Resource | None = None) -> Resource:
    """Parameters with the whole form as `return`, and the `outcome` where there is something to tell; to be called in a worker thread."""
    questionnaire = stored or questionnaire_asked(arguments, desk.source, desk.definitions)
    made = assembled(questionnaire, lambda canonical: known(canonical, desk), desk.definitions.schema)
    told = [{"name": "outcome", "resource": operation_outcome(made.issues)}] if made.issues else []
    return answer({"name": "return", "resource": made.questionnaire}, *told)


def known(canonical: str, desk: FormDesk) -> Resource | None:
    """A definition by canonical URL; a form as far as the caller may see it."""
    found = desk.definitions.resolve(canonical)
    if found is not None and found.get("resourceType") != "Questionnaire":
        return found
    return by_canonical(canonical, desk.source, desk.definitions)

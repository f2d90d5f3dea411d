"""Questionnaire/$questionnaire-package: forms, each with all that is needed to show it. An operation of our own; its name and parameters
are those of Da Vinci's DTR guide (https://hl7.org/fhir/us/davinci-dtr/STU2/OperationDefinition-questionnaire-package.html).
"""

from __future__ import annotations

from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.assemble import known
from fhir_server.operations.populate import FormDesk
from fhir_server.operations.questionnaire_asked import questionnaire_asked
from fhir_server.questionnaires.package import package_of

DEFINITION: Resource = {
    "code": "questionnaire-package",
    "parameter": [{"name": "questionnaire", "use": "in", "max": "*", "type": "Questionnaire"}],
}


def packaged(arguments: Arguments, desk: FormDesk, stored: Resource | None = None) -> Resource:
    """Parameters with a `PackageBundle` for each form, and an `Outcome` where something is missing; to be called in a worker thread."""
    packages = [package_of(form, lambda canonical: known(canonical, desk)) for form in ([stored] if stored else _forms(arguments, desk))]
    issues = [issue for _, found in packages for issue in found]
    told = [{"name": "Outcome", "resource": operation_outcome(issues)}] if issues else []
    return answer(*({"name": "PackageBundle", "resource": bundle} for bundle, _ in packages), *told)


def _forms(arguments: Arguments, desk: FormDesk) -> list[Resource]:
    each = [Arguments({"questionnaire": [one]}) for one in arguments.values.get("questionnaire", ())] or [arguments]
    return [questionnaire_asked(one, desk.source, desk.definitions) for one in each]

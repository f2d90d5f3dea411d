"""What a form's expressions ask of a response: constraints that must hold, and answers that it works out itself
(https://hl7.org/fhir/uv/sdc/STU4/behavior.html).

An expression that cannot be told here (it asks the server, or what the form was launched with) is not held against the response.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.fhirpath import Node
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.phrase import phrase
from fhir_server.questionnaires.calculation import CALCULATED_EXPRESSION, Calculated, calculated
from fhir_server.questionnaires.enablement import is_enabled
from fhir_server.questionnaires.item import extension
from fhir_server.questionnaires.target_constraint import broken_constraints
from fhir_server.validation.location import Location
from fhir_server.validation.questionnaire.form import Form
from fhir_server.validation.surroundings import finding, warning


def check_constraints(form: Form) -> Iterator[Issue]:
    """The constraints that are not met; while the response is in progress, those of severity error are warnings."""
    for one in broken_constraints(form.environment):
        sentence = phrase("{human} (constraint {key} of the questionnaire)", human=one.human.rstrip("."), key=one.key)
        severity: Severity = "error" if one.severity == "error" and not form.in_progress else "warning"
        yield finding(severity, "invariant", place_of(one.node, form), sentence, "target-constraint")


def check_calculated(form: Form) -> Iterator[Issue]:
    """Answers that are not what the form works out for them."""
    for one in calculated(form.environment, form.codes.with_code):
        if one.pair.answers and not _is_untold(one) and not one.agrees(form.environment) and is_enabled(one.pair, form.environment):
            yield _differs(one, form)


def _is_untold(one: Calculated) -> bool:
    """Nothing comes out of weights either where the code system that has them is not here."""
    source = str((extension(one.pair.question, CALCULATED_EXPRESSION) or {}).get("expression"))
    return one.error is not None or (not one.answers and ("weight()" in source or "ordinal()" in source))


def _differs(one: Calculated, form: Form) -> Issue:
    sentence = phrase(
        "The answer to '{link_id}' is not what the questionnaire calculates: {expected}.",
        link_id=one.pair.link_id,
        expected=_said(one, form) or phrase("nothing"),
    )
    return warning("business-rule", place_of(one.pair.node, form), sentence, "answer-calculated")


def _said(one: Calculated, form: Form) -> str:
    values = [form.value(answer)[2] for answer in one.answers]
    return ", ".join(str(value.get("code") or value.get("value") or "") if isinstance(value, dict) else str(value) for value in values)


def place_of(node: Node, form: Form) -> Location:
    """Where a node of the response is, below the place of the response itself."""
    if node.parent is None:
        return form.around.at
    return (place_of(node.parent, form), str(node.name), node.index)

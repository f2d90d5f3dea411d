"""Forms that were made to keep the server busy, or that nobody checked: operations on forms answer, and say why they stop
(https://hl7.org/fhir/uv/sdc/STU4/)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.assemble import assembled_form
from fhir_server.operations.populate import FormDesk, populated
from fhir_server.operations.questionnaire_package import packaged
from fhir_server.terminology import Terminology
from tests.questionnaires.forms import CORE, NOW, SDC, expression, form, question

Resource = dict[str, Any]


class Nothing:
    """A server that has nothing."""

    def read(self, type_name: str, id_: str) -> None:
        return None

    def search(self, type_name: str, query: str) -> Resource:
        return {"resourceType": "Bundle"}

    def relative(self, reference: str) -> str:
        return reference

    def resolve(self, reference: str) -> None:
        return None


class Odd:
    """Definitions with a value set that no reader could understand."""

    def __init__(self, definitions: Any):
        self.schema = definitions.schema

    def resolve(self, canonical: str) -> Resource | None:
        return {"resourceType": "ValueSet", "url": canonical, "compose": 5} if canonical.endswith("/vs") else None


INITIAL, CALCULATED, CONTEXT, VARIABLE = (
    SDC + "initialExpression",
    SDC + "calculatedExpression",
    SDC + "itemPopulationContext",
    CORE + "variable",
)
QUERY = "application/x-fhir-query"


def nested(depth: int) -> str:
    """A form as JSON: Python's own writer gives up before the server does."""
    opened = "".join(f'{{"linkId": "g{level}", "type": "group", "item": [' for level in range(depth))
    leaf = '{"linkId": "leaf", "type": "string", "initial": [{"valueString": "x"}]}'
    head = '"resourceType": "Questionnaire", "url": "https://example.org/deep", "status": "active"'
    return f'{{{head}, "item": [{opened}{leaf}{"]}" * depth}]}}'


def parameter(name: str, resource: str) -> str:
    return f'{{"name": "{name}", "resource": {resource}}}'


def told(text: str, language: str = "text/fhirpath") -> Resource:
    return form(question("a", "string", extension=[expression(INITIAL, text, language)]))


def repeating(depth: int) -> Resource:
    inner = question("leaf", "string", initial=[{"valueString": "x"}])
    for level in range(depth):
        results = expression(CONTEXT, " | ".join(str(one) for one in range(20)), name=f"level{level}")
        inner = question(f"g{level}", "group", inner, repeats=True, extension=[results])
    return form(inner)


def counting(link_id: str, other: str) -> Resource:
    return question(link_id, "integer", extension=[expression(CALCULATED, f"%resource.item.where(linkId = '{other}').answer.value + 1")])


VARIABLES = [expression(VARIABLE, f"'{number}'", name=f"v{number}") for number in range(1000)]
BUSY: dict[str, Resource] = {
    "braces that nothing closes": told("{{" * 40_000, QUERY),
    "a query without end": told("Patient?name=" + "x" * 100_000, QUERY),
    "a thousand variables, each seen by a thousand questions": form(
        *(question(f"q{one}", "string", extension=[expression(INITIAL, "%v999")]) for one in range(1000)), extension=VARIABLES
    ),
    "variables of one another": form(
        question("a", "string", extension=[expression(INITIAL, "%x")]),
        extension=[expression(VARIABLE, "%y", name="x"), expression(VARIABLE, "%x", name="y")],
    ),
    "answers of one another": form(counting("a", "b"), counting("b", "a")),
    "groups within groups that repeat": repeating(5),
    "a regular expression that goes back for ever": told("'" + "a" * 5000 + "!'.matches('^(a|a)*$')"),
    "a text that grows": told("'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaa')" * 12),
    "a number that grows": told("(10).power(1000000000)"),
    "a date beyond all dates": told("today() + 99999999999999999999 years"),
    "questions without end": form(*(question(f"q{one}", extension=[expression(INITIAL, f"Patient/{one}", QUERY)]) for one in range(1000))),
}


def parameters(**resources: Resource) -> Resource:
    parts = [{"name": name.replace("_", "-"), "resource": one} for name, one in resources.items()]
    return {"resourceType": "Parameters", "parameter": parts}


@pytest.mark.parametrize("name", BUSY)
def test_a_form_that_keeps_the_server_busy_is_answered(client, name):
    sent = parameters(questionnaire=BUSY[name])
    sent["parameter"].append({"name": "calculate", "valueBoolean": True})
    assert client.post("/Questionnaire/$populate", sent).status_code == 200


OPERATIONS = {
    "/Questionnaire/$populate": "questionnaire",
    "/Questionnaire/$assemble": "questionnaire",
    "/Questionnaire/$questionnaire-package": "questionnaire",
    "/Questionnaire/$validate": "resource",
    "/QuestionnaireResponse/$extract": "questionnaire",
    "/QuestionnaireResponse/$explain-score": "questionnaire",
}
RESPONSE = """{"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "https://example.org/deep",
    "item": [{"linkId": "g0", "item": [{"linkId": "g1"}]}]}"""


@pytest.mark.parametrize("place", OPERATIONS)
@pytest.mark.parametrize("depth", [50, 150, 200, 240, 300, 480, 3000])
def test_a_form_that_is_nested_deep_is_answered_or_refused(client, place, depth):
    parts = [parameter(OPERATIONS[place], nested(depth))]
    if "Response" in place:
        parts.append(parameter("questionnaire-response", RESPONSE))
    body = f'{{"resourceType": "Parameters", "parameter": [{", ".join(parts)}]}}'
    answer = client.post(place, body.encode(), content_type="application/fhir+json")
    assert answer.status_code in (200, 400, 413, 422), answer.text


# forms out of a package, which nobody checked before


MALFORMED: dict[str, Any] = {
    "meta": 5,
    "meta.profile": {"profile": [["x"]]},
    "extension": 5,
    "item": {"linkId": 1},
    "contained": [[{}], 5],
    "url": [],
    "version": {},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_form_is_worked_on_as_far_as_it_can_be_read(definitions, name):
    desk = FormDesk(Nothing(), definitions, Terminology(definitions), NOW)
    odd = form(question("a", "choice", answerOption=[{"valueCoding": {"code": "x"}, "extension": 5}])) | {
        name.partition(".")[0]: MALFORMED[name]
    }
    for work in (populated, assembled_form, packaged):
        with suppress(FhirError):
            assert work(Arguments({}), desk, odd)["resourceType"] == "Parameters"


def test_a_malformed_value_set_of_a_package_names_nothing(definitions):
    desk = FormDesk(Nothing(), Odd(definitions), Terminology(definitions), NOW)
    asking = form(question("a", "choice", answerValueSet="https://example.org/vs"))
    assert packaged(Arguments({}), desk, asking)["parameter"][0]["resource"]["entry"][1]["resource"]["compose"] == 5

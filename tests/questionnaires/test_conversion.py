"""What an expression gives, as answers (https://hl7.org/fhir/uv/sdc/STU4/populate.html#expression-based-population)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_server.fhirpath import FhirPathError
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.conversion import answers_of
from tests.questionnaires.forms import CORE, form, question, response

UCUM = "http://unitsofmeasure.org"
GENDER = "http://hl7.org/fhir/administrative-gender"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "birthDate": "1950-03-04",
    "deceasedDateTime": "2024-05-06T07:08:09+02:00",
    "maritalStatus": {"coding": [{"system": "s1", "code": "M"}, {"system": "s2", "code": "X"}], "text": "married"},
    "generalPractitioner": [{"reference": "Practitioner/1"}],
    "communication": [{"language": {"text": "français"}}],
}
KG = {"url": CORE + "questionnaire-unit", "valueCoding": {"system": UCUM, "code": "kg", "display": "kilos"}}
F = {"system": GENDER, "code": "female", "display": "Female"}


def listed(code, asked):
    return [F] if code == "female" and asked.get("answerValueSet") == "#sex" else []


@pytest.fixture
def answers(schema):
    def convert(text, asked):
        root = paired(form(asked), response())
        nodes = Environment(root, schema, given={"patient": PATIENT}).evaluate(text, root)
        return answers_of(nodes, asked, schema, listed)

    return convert


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("true", question("a", "boolean"), {"valueBoolean": True}),
        ("165.0", question("a", "integer"), {"valueInteger": 165}),
        ("1 'kg'", question("a", "decimal"), {"valueDecimal": Decimal(1)}),
        ("%patient.birthDate", question("a", "date"), {"valueDate": "1950-03-04"}),
        ("%patient.deceased", question("a", "date"), {"valueDate": "2024-05-06"}),
        ("%patient.birthDate", question("a", "dateTime"), {"valueDateTime": "1950-03-04"}),
        ("%patient.birthDate", question("a", "string"), {"valueString": "1950-03-04"}),
        ("@T10:30", question("a", "time"), {"valueTime": "10:30"}),
        ("70 'kg'", question("a", "quantity"), {"valueQuantity": {"value": Decimal(70), "unit": "kg", "system": UCUM, "code": "kg"}}),
        (
            "70",
            question("a", "quantity", extension=[KG]),
            {"valueQuantity": {"value": 70, "unit": "kilos", "system": UCUM, "code": "kg"}},
        ),
        ("%patient", question("a", "reference"), {"valueReference": {"reference": "Patient/p"}}),
        ("%patient.generalPractitioner", question("a", "reference"), {"valueReference": {"reference": "Practitioner/1"}}),
        ("%patient.gender", question("a", "choice", answerValueSet="#sex"), {"valueCoding": F}),
        ("%patient.gender", question("a", "choice", answerOption=[{"valueCoding": F}]), {"valueCoding": F}),
        ("'Female'", question("a", "choice", answerOption=[{"valueCoding": F}]), {"valueCoding": F}),
        ("2", question("a", "choice", answerOption=[{"valueInteger": 1}, {"valueInteger": 2}]), {"valueInteger": 2}),
        ("%patient.maritalStatus", question("a", "choice"), {"valueCoding": {"system": "s1", "code": "M"}}),
        (
            "%patient.maritalStatus",
            question("a", "choice", answerOption=[{"valueCoding": {"system": "s2", "code": "X"}}]),
            {"valueCoding": {"system": "s2", "code": "X"}},
        ),
        ("%patient.communication.language", question("a", "open-choice"), {"valueString": "français"}),
        ("'free'", question("a", "open-choice", answerValueSet="#sex"), {"valueString": "free"}),
        ("%patient.maritalStatus", question("a", "text"), {"valueString": "married"}),
    ],
)
def test_a_value_becomes_an_answer_of_the_type_that_is_asked(answers, text, asked, expected):
    assert answers(text, asked) == [expected]


@pytest.mark.parametrize(
    ("text", "type_"),
    [("1.5", "integer"), ("'x'", "boolean"), ("%patient.gender", "choice"), ("'x'", "date"), ("1", "display"), ("'x'", "attachment")],
)
def test_a_value_that_is_no_answer_is_told(answers, text, type_):
    with pytest.raises(FhirPathError, match="cannot answer this question"):
        answers(text, question("a", type_))


def test_only_a_question_that_repeats_takes_several_each_once(answers):
    assert answers("'a' | 'b'", question("q")) == [{"valueString": "a"}]
    assert answers("('a' | 'b').combine('a')", question("q", repeats=True)) == [{"valueString": "a"}, {"valueString": "b"}]


def test_nothing_is_no_answer(answers):
    assert answers("{}", question("q")) == []

"""Composite parameters: what is asked must be true of one and the same element (https://hl7.org/fhir/R4/search.html#combining)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.search.clause import CompositeClause
from fhir_server.search.composite import components_of
from tests.search.database import SearchDatabase

LOINC, UCUM, SNOMED = "http://loinc.org", "http://unitsofmeasure.org", "http://snomed.info/sct"


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def observation(id_: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": id_, "status": "final"} | elements


def quantity(value: int, code: str) -> dict[str, Any]:
    return {"value": value, "system": UCUM, "code": code}


PRESSURE = [
    {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity(107, "mm[Hg]")},
    {"code": concept(LOINC, "8462-4"), "valueQuantity": quantity(60, "mm[Hg]")},
    {"code": concept(LOINC, "8478-0"), "valueCodeableConcept": concept(SNOMED, "17621005")},
]
OBSERVATIONS = [
    observation("bp", code=concept(LOINC, "85354-9"), component=PRESSURE),
    observation("weight", code=concept(LOINC, "29463-7"), valueQuantity=quantity(72, "kg")),
    observation("smoker", code=concept(LOINC, "72166-2"), valueCodeableConcept=concept(SNOMED, "8517006")),
    observation("due", code=concept(LOINC, "11778-8"), valueDateTime="2024-05-01"),
    observation("stay", code=concept(LOINC, "11778-8"), valuePeriod={"start": "2024-04-01", "end": "2024-04-30"}),
    observation("note", code=concept(LOINC, "34109-9"), valueString="À revoir, sans urgence"),
]
FOUND = {
    "component-code-value-quantity=8480-6$107": "bp",
    "component-code-value-quantity=8480-6$60": "",
    "component-code-value-quantity=8480-6$60,8462-4$60": "bp",
    "component-code-value-quantity=8480-6$gt100&component-code-value-quantity=8462-4$lt70": "bp",
    "combo-code-value-quantity=8462-4$60,29463-7$72000|http://unitsofmeasure.org|g": "bp weight",
    "combo-code-value-quantity=29463-7,8480-6$gt70|http://unitsofmeasure.org|kg": "weight",
    "combo-code-value-quantity=29463-7,8480-6$ge72,le60": "bp weight",
    "code-value-quantity=http://loinc.org|29463-7$72": "weight",
    "code-value-quantity=http://loinc.org|29463-7$ne72": "",
    "code-value-quantity=8480-6$107": "",
    "code-value-concept=72166-2$http://snomed.info/sct|8517006": "smoker",
    "combo-code-value-concept=8478-0$17621005,72166-2$1": "bp",
    "component-code-value-concept=8478-0$17621005": "bp",
    "component-code-value-concept=8480-6$17621005": "",
    "code-value-date=11778-8$2024": "due stay",
    "code-value-date=11778-8$ge2024-05": "due",
    "code-value-string=34109-9$a revoir\\, sans": "note",
    "code-value-string=34109-9$urgence": "",
    "code-value-quantity=29463-7$72&code-value-string=34109-9$a": "",
    "code:not=29463-7&combo-code-value-quantity=29463-7$gt0": "",
}


@pytest.fixture(scope="module")
def observations(definitions: Definitions) -> SearchDatabase:
    return SearchDatabase(definitions, OBSERVATIONS)


@pytest.mark.parametrize(("search", "expected"), FOUND.items())
def test_a_composite_is_true_of_one_element(observations: SearchDatabase, search: str, expected: str) -> None:
    query = observations.query(f"Observation?{search}")
    assert not query.not_understood
    assert observations.ids(query) == expected.split()
    assert observations.count(query) == len(expected.split())


BAD = ["29463-7", "29463-7$72$3", "$72", "29463-7$", "29463-7$heavy", "a,b", "a,b$1,c$2", "a,,b$1$2"]


@pytest.mark.parametrize("value", BAD)
def test_a_value_without_all_its_parts_is_refused(observations: SearchDatabase, value: str) -> None:
    with pytest.raises(FhirError, match="code-value-quantity"):
        observations.parse("Observation", [("code-value-quantity", value)])


def test_too_many_combinations_are_refused(observations: SearchDatabase) -> None:
    many = ",".join(str(number) for number in range(20))
    with pytest.raises(FhirError, match="combinations"):
        observations.parse("Observation", [("code-value-quantity", f"{many}${many}")])


@pytest.mark.parametrize("modifier", ["missing", "not", "text", "exact"])
def test_a_composite_takes_no_modifier(observations: SearchDatabase, modifier: str) -> None:
    (issue,) = observations.parse("Observation", [(f"code-value-quantity:{modifier}", "true")]).not_understood
    assert "takes none" in issue.diagnostics


def test_escaped_separators_belong_to_the_parts(observations: SearchDatabase) -> None:
    (clause,) = observations.parse("Observation", [("code-value-string", "a\\$b\\,c$d\\|e")]).clauses
    assert isinstance(clause, CompositeClause)
    ((code, text),) = clause.values
    assert (getattr(code, "code", None), getattr(text, "text", None)) == ("a$b,c", "d|e")


def test_all_composites_of_r4_can_be_searched(definitions: Definitions) -> None:
    for type_name in definitions.schema.resource_types:
        for code, parameter in definitions.search_parameters(type_name).items():
            if parameter.type == "composite":
                assert components_of(parameter, definitions), f"{type_name}.{code}"

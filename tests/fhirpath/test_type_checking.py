"""Expressions checked against the schema before they run."""

from __future__ import annotations

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import FhirPathError, compile_expression
from fhir_server.fhirpath.checking import check_types


@pytest.mark.parametrize(
    "source",
    [
        "Patient.name.given", "name.where(use = 'official').given", "Patient.deceased.as(dateTime)", "contact.name.family | name.family",
        "name.select(given).first()",
        "extension('x').value", "contained.anything", "name.exists(given.exists())", "generalPractitioner.resolve().name",
        "children().skip(1)",
    ],
)  # fmt: skip
def test_a_sound_path_passes(definitions: Definitions, source: str) -> None:
    check_types(compile_expression(source, definitions.schema), "Patient")


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("Patient.nam", 9), ("name.where(usage = 'x')", 12), ("Observation.status", 1), ("deceasedBoolean", 1),
        ("(deceased as dateTime).code", 24),
        ("name.given[0].family", 15), ("name.select(gvien)", 13), ("birthDate = name.first().x", 26),
    ],
)  # fmt: skip
def test_a_name_that_no_type_has_is_pointed_at(definitions: Definitions, source: str, column: int) -> None:
    with pytest.raises(FhirPathError, match="no element") as caught:
        check_types(compile_expression(source, definitions.schema), "Patient")
    assert caught.value.column == column


def test_order_may_be_asked_not_to_be_relied_on(definitions: Definitions) -> None:
    with pytest.raises(FhirPathError, match="order"):
        check_types(compile_expression("descendants().first()", definitions.schema), "Patient", ordered=True)


def test_variables_are_of_the_types_that_the_caller_says(definitions: Definitions) -> None:
    expression = compile_expression("%previous.where(active).nam.exists()", definitions.schema)
    check_types(expression, "Patient")
    with pytest.raises(FhirPathError, match="Patient has no element nam"):
        check_types(expression, "Patient", variables={"previous": "Patient"})


def test_where_variables_are_given_another_name_is_pointed_at(definitions: Definitions) -> None:
    expression = compile_expression("%previous.active and %sct.exists() and %curent.active", definitions.schema)
    with pytest.raises(FhirPathError, match="There is no %curent") as caught:
        check_types(expression, "Patient", variables={"previous": "Patient", "current": "Patient"})
    assert caught.value.column == 40

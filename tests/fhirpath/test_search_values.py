"""`Expression.values`: the quick way that search indexing takes gives what evaluation gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Context, Expression, compile_expression
from fhir_server.fhirpath.equality import frozen
from fhir_server.fhirpath.routes import plain_values
from fhir_server.model.json_format import Resource
from tests.fhirpath.test_r4_invariants import examples

NODES = Context(stub_references=True, lenient=True)


def search_expressions(definitions: Definitions, kind: str) -> list[Expression]:
    sources = [one.expression for one in definitions.search_parameters(kind).values()]
    return [compile_expression(source, definitions.schema) for source in sources if source]


def as_set(values: list[tuple[Any, str]]) -> Counter[Hashable]:
    return Counter({(frozen(value), kind) for value, kind in values})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Observation.status", [("final", "code")]), ("Patient.name", []), ("Observation.value.unit", [("kg", "string")]),
        ("(Observation.value as string)", []),
        ("Observation.component.value.as(string)", [("x", "string")]),
        ("Observation.subject.where(resolve() is Patient).reference", [("Patient/p1", "string")]),
        ("Observation.subject.where(resolve() is Group)", []), ("Observation.effective.as(DateTime)", [("2024-05", "dateTime")]),
        ("Patient.id | Observation.status | Group.id", [("final", "code")]),
        ("Observation.code.coding.where(system = 'http://loinc.org').code", [("29463-7", "code")]),
        ("Observation.value.exists()", [(True, "boolean")]), ("Observation.component.first().code.text", [("a", "string")]),
        ("valueQuantity", []),
    ],
)  # fmt: skip
def test_values_come_with_their_fhir_types(definitions: Definitions, observation: Resource, source: str, expected: list[Any]) -> None:
    assert compile_expression(source, definitions.schema).values(observation) == expected


def test_values_below_an_element_of_a_known_type(definitions: Definitions, observation: Resource) -> None:
    expression = compile_expression("value.as(Quantity).unit", definitions.schema)
    assert expression.values(observation["component"][0], "Observation.component") == [("g", "string")]


def test_a_contained_reference_counts_as_the_resource_it_points_at(definitions: Definitions, patient: Resource) -> None:
    expression = compile_expression("Patient.generalPractitioner.where(resolve() is Organization)", definitions.schema)
    assert expression.values(patient) == [
        ({"reference": "#org"}, "Reference"),
        ({"type": "Organization", "identifier": {"value": "1"}}, "Reference"),
    ]


def test_every_search_parameter_of_r4_compiles(definitions: Definitions) -> None:
    for kind in definitions.schema.resource_types:
        for parameter in definitions.search_parameters(kind).values():
            for source in (parameter.expression, *(part.expression for part in parameter.components)):
                assert source is None or compile_expression(source, definitions.schema).source == source


@pytest.mark.conformance
def test_values_are_those_of_evaluation_on_the_official_examples(definitions: Definitions, test_data: Path) -> None:
    for _, resource in list(examples(test_data))[::8]:
        for expression in search_expressions(definitions, resource["resourceType"]):
            assert as_set(expression.values(resource)) == as_set(plain_values(expression.evaluate(resource, NODES)))

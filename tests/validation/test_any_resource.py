"""Laws that hold for resources of any type, made at random out of the schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.position import places_in_json, places_in_xml
from fhir_server.model.schema import Element, Schema, TypeDefinition
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.validator import Validator

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=20)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)
INSTANT = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "base64Binary": st.sampled_from(["QUJD", "QUI="]),
    "boolean": st.booleans(),
    "canonical": st.sampled_from(["http://example.org/a|1"]),
    "code": st.from_regex(r"[a-z<&]+( [a-z]+)?", fullmatch=True),
    "date": st.dates().map(str) | st.just("2024"),
    "dateTime": INSTANT | st.just("2024-02"),
    "decimal": NUMBER | st.integers(-5, 5),
    "id": st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True),
    "instant": INSTANT,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "markdown": TEXT,
    "oid": st.just("urn:oid:1.2.3"),
    "positiveInt": st.integers(1, 2**31 - 1),
    "string": TEXT | st.just("a\n\tb"),
    "time": st.just("23:59:59"),
    "unsignedInt": st.integers(0, 9),
    "uri": st.just("http://example.org/?a=1&b=<2>"),
    "url": st.just("http://example.org"),
    "uuid": st.just("urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
    "xhtml": st.just('<div xmlns="http://www.w3.org/1999/xhtml">a &lt; b <br/></div>'),
}


class Maker:
    """Draws resources: of each object a few elements, one of a choice, with `_` siblings and nulls where they may be."""

    def __init__(self, schema: Schema, draw: Any):
        self.schema, self.draw = schema, draw

    def resource(self, depth: int = 3) -> dict[str, Any]:
        name = self.draw(st.sampled_from(sorted(self.schema.resource_types)))
        content = self.elements(self.schema[name], depth)
        if "id" in content:
            content["id"] = self.draw(VALUES["id"])
        return {"resourceType": name, **content}

    def elements(self, definition: TypeDefinition, depth: int) -> dict[str, Any]:
        names = self.draw(st.lists(st.sampled_from(sorted(definition.elements)), min_size=1, max_size=4, unique=True))
        chosen: dict[str, Element] = {}
        for name in names:
            element = definition.elements[name]
            chosen.setdefault(element.choice or name, element)
        made = [self.element(element, depth) for element in chosen.values()]
        return {key: value for part in made for key, value in part.items()}

    def element(self, element: Element, depth: int) -> dict[str, Any]:
        type_ = self.schema[element.type]
        if type_.is_primitive:
            return self.primitive(element)
        if depth == 0:
            return {}
        values = [
            self.resource(depth - 1) if type_.kind == "resource" else self.object(type_, depth - 1)
            for _ in range(self.draw(st.integers(1, 2)))
        ]
        values = [value for value in values if value]
        return {element.name: values if element.is_list else values[0]} if values else {}

    def object(self, type_: TypeDefinition, depth: int) -> dict[str, Any]:
        made = self.elements(type_, depth)
        return {} if set(made) <= {"id"} else made

    def primitive(self, element: Element) -> dict[str, Any]:
        value = VALUES[element.type]
        if not element.is_list:
            sibling = self.draw(st.none() | st.just({"id": "x"})) if not element.xml_attribute and element.type != "xhtml" else None
            return {element.name: self.draw(value)} | ({"_" + element.name: sibling} if sibling else {})
        pairs = self.draw(st.lists(st.sampled_from([(True, False), (True, True), (False, True)]), min_size=1, max_size=3))
        values = [self.draw(value) if has_value else None for has_value, _ in pairs]
        extension = {"extension": [{"url": "http://example.org/e", "valueCode": "x"}]}
        siblings = [extension if has_sibling else None for _, has_sibling in pairs]
        made = {element.name: values, "_" + element.name: siblings}
        return {key: one for key, one in made.items() if any(item is not None for item in one)}


@st.composite
def resources(draw: Any, schema: Schema) -> dict[str, Any]:
    return Maker(schema, draw).resource()


@pytest.fixture(scope="module")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


slow_to_draw = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@slow_to_draw
@given(data=st.data())
def test_what_the_schema_allows_passes_the_structure_check(definitions: Definitions, data: st.DataObject) -> None:
    assert StructureCheck(definitions.schema).check(data.draw(resources(definitions.schema))) == []


@slow_to_draw
@given(data=st.data())
def test_json_and_xml_say_the_same(definitions: Definitions, data: st.DataObject) -> None:
    resource = data.draw(resources(definitions.schema))
    assert decode_resource(encode_json(resource)) == resource
    assert decode_xml(encode_xml(resource, definitions.schema), definitions.schema) == resource


@slow_to_draw
@given(data=st.data())
def test_every_finding_of_the_validator_has_a_place_in_the_text(
    validator: Validator, definitions: Definitions, data: st.DataObject
) -> None:
    resource = data.draw(resources(definitions.schema))
    expressions = [str(issue.expression) for issue in validator.validate(resource) if issue.expression]
    in_json = places_in_json(encode_json(resource), expressions)
    in_xml = places_in_xml(encode_xml(resource, definitions.schema), expressions)
    assert set(in_json) == set(in_xml) == set(expressions)

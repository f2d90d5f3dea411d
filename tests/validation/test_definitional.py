"""Resources that define others: code systems, value sets, maps, questionnaires, structures, measures..."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.definitional.ecl import ecl_fault
from tests.validation.content_checking import Check, checker, found


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


GENDER = "http://hl7.org/fhir/administrative-gender"
STANDARD = "http://hl7.org/fhir/concept-properties#"


def code_system(**content: Any) -> dict[str, Any]:
    return {"resourceType": "CodeSystem", "url": "http://example.org/cs", "content": "complete", "concept": [{"code": "a"}], **content}


def value_set(**include: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "compose": {"include": [include]}}


def filtered(system: str, property_: str, op: str, value: str) -> dict[str, Any]:
    return value_set(system=system, filter=[{"property": property_, "op": op, "value": value}])


def structure(*elements: dict[str, Any], **content: Any) -> dict[str, Any]:
    base = "http://hl7.org/fhir/StructureDefinition/Patient"
    common = {"resourceType": "StructureDefinition", "kind": "resource", "type": "Patient", "derivation": "constraint"}
    return {**common, "baseDefinition": base, "differential": {"element": list(elements)}, **content}


def element(path: str, **content: Any) -> dict[str, Any]:
    return {"path": path, "id": path, **content}


URL = "http://example.org/e"
NAME = "http://hl7.org/fhir/SearchParameter/Patient-name"


def extension_of(fixed: str | None) -> dict[str, Any]:
    """The definition of an extension whose differential fixes Extension.url."""
    row = element("Extension.url", **({"fixedUri": fixed} if fixed else {}))
    core = "http://hl7.org/fhir/StructureDefinition/Extension"
    return structure(row, url=URL, type="Extension", kind="complex-type", baseDefinition=core)


def logical(type_name: str, kind: str = "logical") -> dict[str, Any]:
    return {"resourceType": "StructureDefinition", "url": "http://example.org/Model", "kind": kind, "type": type_name}


def parameter(**content: Any) -> dict[str, Any]:
    return {"resourceType": "SearchParameter", **content}


ELEMENT = "StructureDefinition.differential.element[0]"
DEFINITIONS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    (code_system(), []),
    (code_system(content="not-present"), [("error", "code-system-content", "CodeSystem.concept[0]")]),
    (code_system(count=2), [("error", "code-system-count", "CodeSystem")]),
    (code_system(count=2, concept=[{"code": "a", "concept": [{"code": "b"}]}]), []),
    (code_system(content="fragment", count=2), []),
    (code_system(property=[{"code": "p", "type": "string"}] * 2), [("error", "code-system-property-code", "CodeSystem.property[1]")]),
    (
        code_system(property=[{"code": "parent", "uri": STANDARD + "parent", "type": "string"}]),
        [("error", "code-system-property-type", "CodeSystem.property[0]")],
    ),
    (
        code_system(property=[{"code": "child", "uri": STANDARD + "parent", "type": "code"}]),
        [("error", "code-system-property-name", "CodeSystem.property[0]")],
    ),
    (
        code_system(property=[{"code": "p", "type": "integer"}], concept=[{"code": "a", "property": [{"code": "p", "valueString": "x"}]}]),
        [("error", "code-system-property-value", "CodeSystem.concept[0].property[0]")],
    ),
    (
        code_system(concept=[{"code": "a", "property": [{"code": "q", "valueString": "x"}]}]),
        [("warning", "code-system-property-undefined", "CodeSystem.concept[0].property[0]")],
    ),
    (
        code_system(concept=[{"code": "a", "property": [{"code": "parent", "valueCode": "z"}]}]),
        [("error", "code-system-property-target", "CodeSystem.concept[0].property[0]")],
    ),
    (
        code_system(content="supplement", supplements=GENDER, concept=[{"code": "male"}, {"code": "z"}]),
        [("error", "code-system-supplement-code", "CodeSystem.concept[1]")],
    ),
    (code_system(supplements="http://example.org/x"), [("error", "code-system-supplement-content", "CodeSystem.content")]),
    (
        code_system(valueSet="http://hl7.org/fhir/ValueSet/administrative-gender"),
        [("error", "code-system-value-set", "CodeSystem.valueSet")],
    ),
    (value_set(system=GENDER, concept=[{"code": "male"}]), []),
    (value_set(system=GENDER, concept=[{"code": "z"}]), [("error", "value-set-code", "ValueSet.compose.include[0].concept[0]")]),
    (value_set(system="http://example.org/unknown", concept=[{"code": "z"}]), []),
    (
        value_set(system="http://hl7.org/fhir/ValueSet/administrative-gender"),
        [("error", "value-set-system", "ValueSet.compose.include[0]")],
    ),
    (filtered(GENDER, "concept", "is-a", "male"), []),
    (filtered(GENDER, "concept", "is-a", "z"), [("error", "value-set-filter-code", "ValueSet.compose.include[0].filter[0]")]),
    (filtered(GENDER, "code", "regex", "("), [("error", "value-set-regex", "ValueSet.compose.include[0].filter[0]")]),
    (filtered(GENDER, "notSelectable", "=", "1"), [("error", "value-set-filter-value", "ValueSet.compose.include[0].filter[0]")]),
    (filtered("http://snomed.info/sct", "constraint", "=", "<< 73211009 |Diabetes|"), []),
    (
        filtered("http://snomed.info/sct", "constraint", "=", "73211009 << 73211009"),
        [("error", "value-set-ecl", "ValueSet.compose.include[0].filter[0]")],
    ),
    (
        {"resourceType": "ConceptMap", "group": [{"source": GENDER, "element": [{"code": "male"}, {"code": "z"}]}]},
        [("error", "concept-map-code", "ConceptMap.group[0].element[1].code")],
    ),
    (
        {"resourceType": "SearchParameter", "base": ["Patient"], "expression": "Patient.name.where("},
        [("error", "search-parameter-expression", "SearchParameter.expression")],
    ),
    ({"resourceType": "SearchParameter", "base": ["Patient", "Group"], "expression": "Patient.name | Group.name"}, []),
    (
        {"resourceType": "SearchParameter", "base": ["Patient"], "expression": "Group.name"},
        [("warning", "search-parameter-base", "SearchParameter.expression")],
    ),
    (
        {"resourceType": "OperationDefinition", "parameter": [{"name": "a", "use": "in", "min": 2, "max": "1", "type": "string"}]},
        [("error", "operation-cardinality", "OperationDefinition.parameter[0]")],
    ),
    (
        {"resourceType": "OperationDefinition", "parameter": [{"name": "a", "use": one, "type": "string"} for one in ("in", "out", "in")]},
        [("error", "operation-parameter", "OperationDefinition.parameter[2]")],
    ),
    (structure(element("Patient"), element("Patient.name.family", min=1), element("Patient.deceased[x]")), []),
    (
        structure(element("Patient.nmae")),
        [("error", "structure-unusable", "StructureDefinition"), ("error", "structure-path-unknown", ELEMENT)],
    ),
    (structure(element("Group.name")), [("error", "structure-path", ELEMENT)]),
    (structure(element("Patient.name"), element("Patient.name")), [("error", "structure-id", ELEMENT.replace("0", "1"))]),
    (structure(element("Patient.link", min=0, max="1")), []),
    (structure(element("Patient.link.other", min=0)), [("error", "structure-min", ELEMENT)]),
    (structure(element("Patient.gender", max="*")), [("error", "structure-max", ELEMENT)]),
    (structure(element("Patient.birthDate", binding={"strength": "required"})), [("error", "structure-binding", ELEMENT)]),
    (structure(element("Patient.gender", patternString="male")), [("error", "structure-value-type", ELEMENT)]),
    (structure(element("Patient.deceased[x]", type=[{"code": "string"}])), [("error", "structure-types", ELEMENT)]),
    (
        structure(element("Patient.name", constraint=[{"key": "x-1", "expression": "family.exists("}])),
        [("error", "structure-expression", ELEMENT + ".constraint[0]")],
    ),
    (
        structure(element("Patient.name", slicing={"discriminator": [{"type": "value", "path": "system"}]})),
        [
            ("error", "structure-unusable", "StructureDefinition"),
            ("error", "structure-discriminator", ELEMENT + ".slicing.discriminator[0]"),
        ],
    ),
    (structure(type="Group"), [("error", "structure-type", "StructureDefinition")]),
    (
        structure(derivation="specialization"),
        [("error", "structure-type", "StructureDefinition"), ("error", "structure-type-defined", "StructureDefinition.type")],
    ),
    (structure(kind="complex-type"), [("error", "structure-kind", "StructureDefinition")]),
    (structure(derivation=None), [("error", "structure-derivation", "StructureDefinition")]),
    (structure(context=[{"type": "element", "expression": "Patient"}]), [("error", "structure-context", "StructureDefinition.context[0]")]),
    (structure(contextInvariant=["true"]), [("error", "structure-context", "StructureDefinition.contextInvariant[0]")]),
    (structure(element("Patient", slicing={"rules": "open"})), [("error", "structure-slicing", ELEMENT)]),
    (structure(element("Patient.gender", slicing={"rules": "open"})), [("error", "structure-slicing", ELEMENT + ".slicing")]),
    (structure(element("Patient.deceased[x]", slicing={"rules": "open"})), []),
    (structure(element("Patient.active", meaningWhenMissing="true")), [("error", "structure-meaning", ELEMENT)]),
    (structure(element("Patient.photo", type=[{"code": "Attachment"}], maxLength=3)), [("error", "structure-length", ELEMENT)]),
    (structure(element("Patient.gender", type=[{"code": "code"}], maxLength=3)), []),
    (
        structure(element("Patient", constraint=[{"key": "dom-2", "expression": "true"}])),
        [("error", "structure-constraint-key", ELEMENT + ".constraint[0]")],
    ),
    (
        structure(element("Patient", constraint=[{"key": "x-1", "expression": "true"}, {"key": "x-1", "expression": "false"}])),
        [("error", "structure-constraint-key", ELEMENT + ".constraint[1]")],
    ),
    (
        structure(element("Patient", constraint=[{"key": "x-1", "source": "http://example.org/other"}]), url="http://example.org/this"),
        [("error", "structure-constraint-source", ELEMENT + ".constraint[0]")],
    ),
    (extension_of(URL), []),
    (extension_of("http://example.org/another"), [("error", "structure-extension-url", "StructureDefinition")]),
    (extension_of(None), [("error", "structure-extension-url", "StructureDefinition")]),
    (logical("http://example.org/Model"), []),
    (logical("Model"), [("error", "structure-type-unknown", "StructureDefinition.type")]),
    (logical("http://example.org/Model", kind="resource"), [("error", "structure-type-kind", "StructureDefinition.type")]),
    (parameter(type="composite"), [("error", "search-parameter-components", "SearchParameter")]),
    (parameter(type="composite", component=[{}, {}]), []),
    (parameter(derivedFrom=NAME, type="string", base=["Patient"]), []),
    (parameter(derivedFrom=NAME, type="token", base=["Patient"]), [("error", "search-parameter-derived", "SearchParameter")]),
    (parameter(derivedFrom=NAME, type="string", base=["Group"]), [("error", "search-parameter-derived", "SearchParameter")]),
    (value_set(system="#contained"), [("error", "value-set-system-relative", "ValueSet.compose.include[0]")]),
    (structure(baseDefinition="http://example.org/none"), [("warning", "structure-base-unknown", "StructureDefinition.baseDefinition")]),
]


@pytest.mark.parametrize(("resource", "wanted"), DEFINITIONS)
def test_a_definition_makes_sense(content: Check, resource: dict[str, Any], wanted: list[tuple[str, str, str]]) -> None:
    assert found(content(resource)) == wanted


CONDITIONS = [
    (["a"], 1, "error enable-when-target", "z"),
    (["a"], 0, "error enable-when-self", "a"),
    (["b"], 0, "warning enable-when-order", "b"),
]


@pytest.mark.parametrize(("questions", "place", "says", "about"), CONDITIONS)
def test_a_condition_asks_about_an_earlier_question(content: Check, questions: list[str], place: int, says: str, about: str) -> None:
    items: list[dict[str, Any]] = [{"linkId": one, "type": "string"} for one in questions]
    condition = {"question": about, "operator": "exists", "answerBoolean": True}
    items.insert(place, {"linkId": "a" if place == 0 else "c", "type": "string", "enableWhen": [condition]})
    issues = content({"resourceType": "Questionnaire", "item": items})
    assert [(f"{one.severity} {one.message_id}", one.expression) for one in issues] == [(says, f"Questionnaire.item[{place}]")]


def test_a_search_parameter_is_listed_with_its_type(content: Check) -> None:
    definition = "http://hl7.org/fhir/SearchParameter/Patient-birthdate"
    listed = [{"name": "birthdate", "type": one, "definition": definition} for one in ("string", "date")]
    birthdate = {"resourceType": "SearchParameter", "url": definition, "type": "date"}
    statement = {"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "Patient", "searchParam": listed}]}]}
    place = "CapabilityStatement.rest[0].resource[0].searchParam[0]"
    assert found(content(statement, birthdate)) == [("error", "capability-search-type", place)]


def test_several_conditions_say_how_they_are_joined(content: Check) -> None:
    condition = {"question": "a", "operator": "exists", "answerBoolean": True}
    items = [{"linkId": "a", "type": "string"}, {"linkId": "b", "type": "string", "enableWhen": [condition] * 2}]
    assert found(content({"resourceType": "Questionnaire", "item": items})) == [("error", "invariant-que-12", "Questionnaire.item[1]")]


ECL = [
    ("*", True),
    ("<< 73211009 OR < 38341003", True),
    ("(<< 73211009 AND < 38341003) MINUS ^ 700043003", True),
    ("< 404684003: 363698007 = << 39057004, 116676008 = *", True),
    ("< 404684003: { 363698007 = << 39057004 }", True),
    ("73211009 << 73211009", False),
    ("<<", False),
    ("(73211009", False),
    ("73211009 AND", False),
    ("hello", False),
    ("(" * 5000, False),
]


@pytest.mark.parametrize(("text", "good"), ECL)
def test_an_expression_constraint_is_read(text: str, good: bool) -> None:
    assert (ecl_fault(text) is None) is good


MEASURE = "http://example.org/Measure/m"
POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"


def concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": POPULATION, "code": code}]}


def measure(scoring: str | None = None) -> dict[str, Any]:
    populations = [{"code": concept("initial-population")}]
    scored = {"scoring": {"coding": [{"code": scoring}]}} if scoring else {}
    return {"resourceType": "Measure", "url": MEASURE, "group": [{"population": populations}], **scored}


def report(*codes: str, type_: str = "summary", **group: Any) -> dict[str, Any]:
    populations = [{"code": concept(code), "count": 1} for code in codes]
    return {"resourceType": "MeasureReport", "type": type_, "measure": MEASURE, "group": [{"population": populations, **group}]}


GROUP = "MeasureReport.group[0]"
REPORTS: list[tuple[dict[str, Any], str, list[tuple[str, str, str]]]] = [
    (report("initial-population"), "cohort", []),
    (report("initial-population", "numerator"), "cohort", [("error", "measure-population", GROUP + ".population[1]")]),
    (report("initial-population", "initial-population"), "cohort", [("error", "measure-population-twice", GROUP + ".population[1]")]),
    (report(), "cohort", [("error", "measure-population-missing", GROUP)]),
    (report("initial-population", measureScore={"value": 1}), "cohort", [("error", "measure-score", GROUP + ".measureScore")]),
    (report("initial-population"), "proportion", [("error", "measure-score-missing", GROUP)]),
    (report("initial-population", measureScore={"value": 1}), "proportion", []),
    (
        report("initial-population", measureScore={"value": 2}),
        "proportion",
        [("error", "measure-score-proportion", GROUP + ".measureScore")],
    ),
    (report("initial-population", type_="subject-list"), "cohort", [("error", "measure-subjects-missing", GROUP + ".population[0]")]),
]


@pytest.mark.parametrize(("resource", "scoring", "wanted"), REPORTS)
def test_a_report_keeps_to_its_measure(content: Check, resource: dict[str, Any], scoring: str, wanted: list[tuple[str, str, str]]) -> None:
    assert found(content(resource, measure(scoring))) == wanted


def test_a_measure_that_is_not_at_hand_is_a_warning(content: Check) -> None:
    assert found(content(report("initial-population"))) == [("warning", "measure-unknown", "MeasureReport.measure")]


def test_the_criteria_of_a_measure_are_in_its_library(content: Check) -> None:
    cql = {"contentType": "text/cql", "data": "ZGVmaW5lICJBZHVsdHMiOiB0cnVl"}  # define "Adults": true
    library = {"resourceType": "Library", "url": "http://example.org/Library/L", "content": [cql]}
    groups = [{"population": [{"criteria": {"language": "text/cql", "expression": one}} for one in ('L."Adults"', "L.Others", "M.Others")]}]
    resource = {"resourceType": "Measure", "library": ["http://example.org/Library/L"], "group": groups}
    assert found(content(resource, library)) == [("error", "measure-criteria", "Measure.group[0].population[1].criteria")]

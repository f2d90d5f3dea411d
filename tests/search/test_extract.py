"""Index rows out of elements (https://hl7.org/fhir/R4/search.html#ptypes), and agreement with the FHIRPath engine."""

from __future__ import annotations

import contextlib
import tarfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import nextafter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter, parameter_key
from fhir_server.fhirpath import Context, compile_expression
from fhir_server.model.json_format import decode_resource
from fhir_server.search.extract import NOT_INDEXED, IndexExtractor
from fhir_server.search.facet import facets
from fhir_server.search.path import Path as ElementPath
from fhir_server.search.path import Where, paths_of
from fhir_server.search.rows import IndexRows
from fhir_server.search.types.date import BEGINNING, END
from fhir_server.search.types.number import LARGEST
from fhir_server.search.types.reference import NOTHING
from fhir_server.search.types.string import MAX_LENGTH, fold
from fhir_server.search.types.writer import Writer, Writers
from tests.search.database import BASE, TABLES, ZONE, own_resources


@pytest.fixture(scope="module")
def extractor(definitions: Definitions) -> IndexExtractor:
    return IndexExtractor(definitions, ZONE, BASE + "/")


def rows_of(extractor: IndexExtractor, code: str, resource: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one parameter without its key."""
    key = parameter_key(resource["resourceType"], code)
    rows = extractor.extract(resource)
    return [row[1:] for name in TABLES for row in getattr(rows, name) if row[0] == key]


DAY = 86_400_000_000
QUANTITY = {"value": Decimal("5.40"), "unit": "MG", "system": "http://u.example", "code": "mg"}
UCUM = QUANTITY | {"system": "http://unitsofmeasure.org"}
MG = ("http://unitsofmeasure.org", "mg", "mg", "g")
CASES: list[tuple[str, dict[str, Any], list[tuple[Any, ...]]]] = [
    ("Patient.given", {"name": [{"given": ["Zoé", None, "Zoé"]}]}, [("zoe", "Zoé")]),
    ("Patient.name", {"name": [{"prefix": ["Dr"], "suffix": ["PhD"]}]}, [("dr", "Dr"), ("phd", "PhD")]),
    ("Patient.phonetic", {"name": [{"prefix": ["Dr"], "given": ["Jean-Marie"]}]}, [("jn.mr.", ""), ("mr.", "")]),
    ("Patient.address", {"address": [{"state": "Île", "district": " D  E "}]}, [("d e", " D  E "), ("ile", "Île")]),
    ("Patient.active", {"active": True}, [("true", "")]),
    ("Patient.identifier", {"identifier": [{"system": "urn:s"}, {"value": "1"}]}, [("", "urn:s"), ("1", "")]),
    ("Patient.language", {"communication": [{"language": {"coding": [{"system": "urn:l", "code": "fr"}]}}]}, [("fr", "urn:l")]),
    ("Patient.language", {"communication": [{"language": {"text": "French"}}]}, [("", "")]),
    ("Patient.phone", {"telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}]}, [("1", ""), ("1", "phone")]),
    ("Patient._security", {"meta": {"security": [{"code": "R"}]}}, [("R", "")]),
    ("Patient.organization", {"managingOrganization": {"reference": BASE + "/Organization/1"}}, [("1", "Organization", "")]),
    ("Patient.organization", {"managingOrganization": {"reference": "http://x/Organization/1"}}, [("http://x/Organization/1", "", "")]),
    ("Patient.organization", {"managingOrganization": {"reference": "#o"}}, [("", "", "")]),
    ("Patient.organization", {"managingOrganization": {"display": "here"}}, [("", "", "")]),
    ("Patient.organization", {"managingOrganization": {"reference": "Organization/1/_history/4"}}, [("1", "Organization", "4")]),
    ("CarePlan.patient", {"subject": {"reference": "Group/1"}}, []),
    ("CarePlan.patient", {"subject": {"reference": "urn:uuid:1", "type": "Patient"}}, [("urn:uuid:1", "", "")]),
    ("CarePlan.instantiates-uri", {"instantiatesUri": ["urn:a"]}, [("urn:a",)]),
    ("CarePlan.instantiates-canonical", {"instantiatesCanonical": ["http://p|2#x"]}, [("http://p", "", "2")]),
    ("Patient.birthdate", {"birthDate": "1970-01-01"}, [(-3_600_000_000, DAY - 3_600_000_001)]),
    ("Observation.date", {"effectiveDateTime": "1970-01-01T00:00:00Z"}, [(0, 999_999)]),
    ("Observation.date", {"effectiveInstant": "1970-01-01T00:00:00.001Z"}, [(1000, 1999)]),
    ("Observation.date", {"effectivePeriod": {"start": "1970-01-01T00:00:00Z"}}, [(0, END)]),
    ("Observation.date", {"effectivePeriod": {"end": "1970-01-01T00:00:00Z"}}, [(BEGINNING, 999_999)]),
    ("Observation.date", {"effectivePeriod": {}}, []),
    ("Observation.date", {"effectiveTiming": {"event": ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"]}}, [(0, DAY + 999_999)]),
    ("Observation.date", {"effectiveTiming": {"repeat": {"frequency": 1}}}, []),
    ("RiskAssessment.probability", {"prediction": [{"probabilityDecimal": Decimal("0.50")}]}, [(0.5, 0.5)]),
    ("RiskAssessment.probability", {"prediction": [{"probabilityRange": {"high": {"value": 3}}}]}, [(-LARGEST, 3.0)]),
    ("RiskAssessment.probability", {"prediction": [{"probabilityDecimal": Decimal("1e999")}]}, [(LARGEST, LARGEST)]),
    ("Observation.value-quantity", {"valueQuantity": QUANTITY}, [(5.4, 5.4, "http://u.example", "mg", "mg", "", 5.4, 5.4)]),
    (
        "Observation.value-quantity",
        {"valueQuantity": QUANTITY | {"comparator": ">="}},
        [(5.4, LARGEST, "http://u.example", "mg", "mg", "", 5.4, LARGEST)],
    ),
    (
        "Observation.value-quantity",
        {"valueQuantity": UCUM | {"comparator": "<"}},
        [(-LARGEST, nextafter(5.4, 0), *MG, -LARGEST, nextafter(0.0054, 0))],
    ),
    ("Observation.value-quantity", {"valueQuantity": UCUM}, [(5.4, 5.4, *MG, 0.0054, 0.0054)]),
    ("Observation.value-quantity", {"valueSampledData": {"origin": QUANTITY}}, [(5.4, 5.4, "http://u.example", "mg", "mg", "", 5.4, 5.4)]),
    ("Observation.value-quantity", {"valueQuantity": {"unit": "mg"}}, []),
    ("Condition.onset-age", {"onsetRange": {"low": {"value": 2, "code": "a"}}}, [(2.0, LARGEST, "", "a", "", "", 2.0, LARGEST)]),
    (
        "Invoice.totalgross",
        {"totalGross": {"value": 2, "currency": "EUR"}},
        [(2.0, 2.0, "urn:iso:std:iso:4217", "EUR", "eur", "", 2.0, 2.0)],
    ),
    ("Patient.mothersMaidenName", {"extension": [{"url": "http://hl7.org/fhir/SearchParameter/x", "valueString": "A"}]}, []),
    ("Patient.deceased", {}, [("false", "")]),
    ("Patient.deceased", {"deceasedDateTime": "2020"}, [("true", "")]),
    ("Location.near", {"position": {"longitude": 90, "latitude": 0}}, [(pytest.approx(0), 1.0, 0.0)]),
    ("Location.near", {"position": {"longitude": 1, "latitude": 91}}, []),
    (
        "Patient.identifier:of-type",
        {"identifier": [{"value": "1", "type": {"coding": [{"system": "urn:t", "code": "MR"}]}}]},
        [("1", "urn:t|MR")],
    ),
    ("Patient.identifier:text", {"identifier": [{"type": {"text": "Numéro"}}]}, [("numero", "")]),
    ("Patient.organization:text", {"managingOrganization": {"display": "Hôpital"}}, [("hopital", "")]),
    ("Patient.organization:identifier", {"managingOrganization": {"identifier": {"system": "urn:s", "value": "1"}}}, [("1", "urn:s")]),
    ("CarePlan.patient:identifier", {"subject": {"type": "Patient", "identifier": {"value": "1"}}}, [("1", "")]),
    ("CarePlan.patient:identifier", {"subject": {"type": "Group", "identifier": {"value": "1"}}}, []),
    ("Patient._profile", {"meta": {"profile": ["http://p|1"]}}, [("http://p",), ("http://p|1",)]),
    ("ValueSet.url", {"url": "http://v", "version": "2"}, [("http://v",), ("http://v|2",)]),
    ("Bundle.composition", {"entry": [{"resource": {"resourceType": "Composition", "id": "c"}}]}, [("c", "Composition", "")]),
    ("Observation.code-value-quantity$0", {"code": {"coding": [{"code": "w"}]}, "valueQuantity": QUANTITY}, [(0, "w", "")]),
    ("Observation.code-value-quantity$0", {"code": {"coding": [{"code": "w"}]}}, []),
    (
        "Observation.combo-code-value-quantity$1",
        {"component": [{"code": {}}, {"code": {}, "valueQuantity": UCUM}]},
        [(0, 5.4, 5.4, *MG, 0.0054, 0.0054)],
    ),
    ("Observation.code-value-date$1", {"code": {}, "valueDateTime": "1970-01-01T00:00:00Z"}, [(0, 0, 999_999)]),
    ("Group.characteristic-value$1", {"characteristic": [{"code": {}, "valueBoolean": True}]}, [(0, "true", "")]),
    (
        "DocumentReference.relationship$1",
        {"relatesTo": [{"code": "appends", "target": {"reference": "DocumentReference/1"}}]},
        [(0, "1", "DocumentReference", "")],
    ),
    (
        "MolecularSequence.chromosome-variant-coordinate$0",
        {"referenceSeq": {"chromosome": {"coding": [{"code": "1"}]}}, "variant": [{"start": 1}, {"start": 2, "end": 3}]},
        [(0, "1", "")],
    ),
]


@pytest.mark.parametrize(("parameter", "elements", "expected"), CASES)
def test_an_element_makes_these_rows(
    extractor: IndexExtractor, parameter: str, elements: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    type_name, _, code = parameter.partition(".")
    assert sorted(rows_of(extractor, code, {"resourceType": type_name, "id": "1"} | elements)) == sorted(expected)


def test_an_extension_stands_for_its_value(extractor: IndexExtractor) -> None:
    url = "http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-mothersMaidenName"
    wanted = "http://hl7.org/fhir/StructureDefinition/patient-extensions-Patient-mothersMaidenName"
    for one in (url, wanted):
        rows = rows_of(extractor, "mothersMaidenName", {"resourceType": "Patient", "extension": [{"url": one, "valueString": "Roux"}]})
        assert rows == ([("roux", "Roux")] if one == wanted else [])


def test_what_the_resource_table_holds_is_not_indexed(extractor: IndexExtractor) -> None:
    rows = extractor.extract({"resourceType": "Basic", "id": "x", "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}})
    assert rows == IndexRows()


def test_a_long_text_is_indexed_by_its_beginning(extractor: IndexExtractor) -> None:
    ((folded, exact),) = rows_of(extractor, "title", {"resourceType": "Questionnaire", "title": "É" * 5000})
    assert (folded, exact) == ("e" * MAX_LENGTH, "É" * MAX_LENGTH)


BAD: list[Any] = [
    None, 5, True, "", "x", [], {}, [[]], [None], [{}], {"value": {}}, {"coding": "x"}, {"coding": [5]}, {"start": 5}, {"reference": []},
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_a_bad_element_never_breaks_the_rest(extractor: IndexExtractor, definitions: Definitions, bad: Any) -> None:
    for type_name in ("Patient", "Observation", "CarePlan", "RiskAssessment", "Claim"):
        names = [name for name in definitions.schema[type_name].elements if name not in ("id", "identifier")]
        resource = {"resourceType": type_name} | dict.fromkeys(names, bad) | {"identifier": [{"value": "good"}, bad]}
        rows = extractor.extract(resource)
        assert (parameter_key(type_name, "identifier"), "good", "") in rows.tokens
        assert len(set(rows.tokens)) == len(rows.tokens)


FOLDED = [
    ("ÉLÈVE", "eleve"), ("Straße", "strasse"), ("L’Haÿ-les-Roses", "l hay les roses"), ("\u0130zmir", "izmir"), ("ﬁn", "fin"),
    (" \t ", ""), ("Œ", "oe"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


PATHS = {
    ("Patient", "Patient.name | Practitioner.name"): [ElementPath(("name",), "HumanName")],
    ("Patient", "Patient.telecom.where(system='phone')"): [ElementPath(("telecom", Where("system", "phone")), "ContactPoint")],
    ("CarePlan", "CarePlan.subject.where(resolve() is Patient)"): [ElementPath(("subject",), "Reference", "Patient")],
    ("Observation", "(Observation.value as Quantity)"): [ElementPath(("valueQuantity",), "Quantity")],
    ("Observation", "(Observation.value as CodeableConcept).text"): [ElementPath(("valueCodeableConcept", "text"), "string")],
    ("Condition", "Condition.onset.as(Age)"): [ElementPath(("onsetAge",), "Age")],
    ("InsurancePlan", "name | alias"): [ElementPath(("name",), "string"), ElementPath(("alias",), "string")],
    ("Patient", "Resource.meta.tag"): [ElementPath(("meta", "tag"), "Coding")],
    ("Patient", "Patient.nothing"): [],
}


@pytest.mark.parametrize(("source", "paths"), PATHS.items())
def test_plain_expressions_are_paths(definitions: Definitions, source: tuple[str, str], paths: list[ElementPath]) -> None:
    assert paths_of(source[1], source[0], definitions.schema) == (paths, [])


OTHERS = ["Patient.name[0]", "Patient.name.first()", "Patient.a = 'x | y'", "Patient.name.where(a = 'b' and c)", "$this", "a.as(Time)"]


@pytest.mark.parametrize("expression", OTHERS)
def test_other_expressions_are_left_to_the_engine(definitions: Definitions, expression: str) -> None:
    assert paths_of(expression, "Patient", definitions.schema) == ([], [expression])


def by_engine(extractor: IndexExtractor, definitions: Definitions, resource: dict[str, Any]) -> IndexRows:
    """The rows as the FHIRPath engine finds their elements: each parameter's whole expression, no shortcut."""
    rows = IndexRows()
    context = Context(stub_references=True, lenient=True)
    names = {"System.Boolean": "boolean"}
    for code, parameter in definitions.search_parameters(resource["resourceType"]).items():
        if not parameter.expression or code in NOT_INDEXED or parameter.type not in extractor._writers:
            continue
        for node in compile_expression(parameter.expression, definitions.schema).evaluate(resource, context):
            for one, writers in ((parameter, extractor._writers_of(parameter)), *facets(parameter)):
                writer = writers.get(names.get(node.type, node.type)) or _of_resource(writers, node.value, parameter)
                _write(writer, node.value, one.key(resource["resourceType"]), rows)
    return rows


def _of_resource(writers: Writers, value: Any, parameter: SearchParameter) -> Writer | None:
    return writers.get("Resource") if isinstance(value, dict) and value.get("resourceType") in parameter.targets else None


def _write(writer: Writer | None, value: Any, key: int, rows: IndexRows) -> None:
    if writer and value is not None:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            writer(value, (key,), rows)


def differences(one: IndexRows, other: IndexRows) -> dict[str, Any]:
    """A contained resource cannot be searched for, so that it is a Patient (`where(resolve() is Patient)`) is not looked up."""
    others = ("texts", "marks", "grants")  # with tests of their own
    compared = [name for name in TABLES if not name.startswith("component_") and name not in others]
    found = {name: set(getattr(one, name)) ^ set(getattr(other, name)) for name in compared}
    versioned = {row for row in found["uris"] if "|" in row[1]}  # of a canonical resource's own URL
    found["uris"] -= versioned
    found["references"] = {row for row in found["references"] if row[1:] != NOTHING}
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("resource", own_resources(), ids=lambda resource: f"{resource['resourceType']}-{resource['id']}")
def test_walking_finds_what_fhirpath_finds(extractor: IndexExtractor, definitions: Definitions, resource: dict[str, Any]) -> None:
    assert not differences(extractor.extract(resource), by_engine(extractor, definitions, resource))


def examples(archive: Path, each: int) -> Iterator[dict[str, Any]]:
    """At most `each` resources of every type."""
    seen: Counter[str] = Counter()
    with tarfile.open(archive) as files:
        for member in files:
            stream = files.extractfile(member) if member.name.endswith(".json") else None
            if stream and member.size < 200_000:
                resource = decode_resource(stream.read())
                seen[resource["resourceType"]] += 1
                if seen[resource["resourceType"]] <= each:
                    yield resource


@pytest.mark.conformance
def test_walking_finds_what_fhirpath_finds_in_the_official_examples(
    extractor: IndexExtractor, definitions: Definitions, test_data: Path
) -> None:
    wrong = {}
    for resource in examples(test_data / "r4-examples-4.0.1.tar.xz", 12):
        if found := differences(extractor.extract(resource), by_engine(extractor, definitions, resource)):
            wrong[f"{resource['resourceType']}/{resource.get('id')}"] = found
    assert not wrong
    assert not extractor.unusable


NAMES = st.sampled_from(["name", "value", "coding", "code", "system", "start", "reference", "given"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(ANY_JSON)
def test_any_json_in_an_element_is_survived(extractor: IndexExtractor, value: Any) -> None:
    for name in ("name", "identifier", "birthDate", "generalPractitioner", "telecom", "meta", "address"):
        extractor.extract({"resourceType": "Patient", name: value})


def test_a_binary_has_the_same_rows_whatever_its_data(extractor):
    resource = {"resourceType": "Binary", "id": "b", "meta": {"tag": [{"code": "t"}]}, "contentType": "text/plain"}
    rows = [extractor.extract(resource | {"data": data}) for data in ("AA==", "c2VhcmNoIG1l" * 1000)]
    assert rows[0] == rows[1]
    assert rows[0].tokens

"""Every search parameter is indexed, or it is said why not; parameters of guides and of the server itself are too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, open_archive
from fhir_server.definitions.search_parameter import parameter_key
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.json_format import encode_json
from fhir_server.search.composite import components_of
from fhir_server.search.extract import NOT_INDEXED, IndexExtractor
from fhir_server.search.path import paths_of
from tests.search.database import ZONE, SearchDatabase

NOT_BY_ROWS = {
    "_content": "full text", "_text": "full text", "_filter": "an expression over other parameters", "_query": "names an operation",
    "Patient.age": "R4 gives it no expression: an age passes with the day", "Patient.birthOrderBoolean": "R4 gives it no expression",
    "Patient.part-agree": "an example in R4, whose expression is about DocumentReference",
}  # fmt: skip


def test_every_parameter_of_r4_is_indexed_or_it_is_said_why_not(definitions: Definitions) -> None:
    extractor = IndexExtractor(definitions, ZONE)
    without = set()
    for type_name in definitions.schema.resource_types:
        extractor.extract({"resourceType": type_name})
        for code in definitions.search_parameters(type_name):
            if code not in NOT_INDEXED and not _is_indexed(extractor, definitions, type_name, code):
                without.add(code if code.startswith("_") else f"{type_name}.{code}")
    assert without == set(NOT_BY_ROWS)
    assert not extractor.unusable


def _is_indexed(extractor: IndexExtractor, definitions: Definitions, type_name: str, code: str) -> bool:
    """Some way of the expression ends in a type that makes rows; what is no plain way is tested by `test_extract`."""
    parameter = definitions.search_parameters(type_name)[code]
    if not parameter.expression:
        return False
    if parameter.type == "composite":
        return components_of(parameter, definitions) is not None
    paths, others = paths_of(parameter.expression, type_name, definitions.schema)
    return bool(others) or any(path.type in extractor._writers[parameter.type] for path in paths)


def test_no_two_parameters_share_an_index_key(definitions: Definitions) -> None:
    names: dict[int, str] = {}
    for type_name in sorted(definitions.schema.resource_types):
        for code in definitions.search_parameters(type_name):
            for name in (code, *(code + end for end in (":text", ":of-type", ":identifier", "$0", "$1", "$2"))):
                assert names.setdefault(parameter_key(type_name, name), f"{type_name}.{name}") == f"{type_name}.{name}"


def stored_parameter(code: str, type_: str, expression: str, base: str = "Patient", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "SearchParameter", "id": f"x-{code}", "url": f"http://me.example/SearchParameter/{code}", "status": "active",
        "code": code, "type": type_, "base": [base], "expression": expression,
    } | more  # fmt: skip


def put(definitions: Definitions, *resources: dict[str, Any], seq: int = 1) -> None:
    for number, resource in enumerate(resources):
        definitions.stored.put("SearchParameter", resource["id"], seq + number, encode_json(resource))


@pytest.fixture
def own(definitions: Definitions) -> Definitions:
    return Definitions(definitions.packages, StoredConformance())


TWIN = {"resourceType": "Patient", "id": "twin", "multipleBirthInteger": 2, "name": [{"use": "official", "family": "Roux"}]}


def test_a_stored_parameter_counts_at_once_and_until_it_is_deleted(own: Definitions) -> None:
    database = SearchDatabase(own, [TWIN])
    assert database.query("Patient?multiple=2").not_understood
    put(own, stored_parameter("multiple", "number", "(Patient.multipleBirth as integer)"))
    assert not database.query("Patient?multiple=2").not_understood
    database.put(TWIN | {"id": "other"})
    assert database.ids("Patient?multiple=2") == ["other"]
    own.stored.put("SearchParameter", "x-multiple", 9, None)
    assert database.query("Patient?multiple=2").not_understood


def test_a_stored_composite_joins_its_components(own: Definitions) -> None:
    name_use = stored_parameter("name-use", "token", "Patient.name.use")
    parts = [
        {"definition": "http://me.example/SearchParameter/name-use", "expression": "use"},
        {"definition": "http://hl7.org/fhir/SearchParameter/individual-family", "expression": "family"},
    ]
    put(own, name_use, stored_parameter("use-family", "composite", "Patient.name", component=parts))
    names = [{"use": "official", "family": "Roux"}, {"use": "maiden", "family": "Petit"}]
    database = SearchDatabase(own, [TWIN | {"name": names}])
    assert database.ids("Patient?use-family=maiden$petit") == ["twin"]
    assert database.ids("Patient?use-family=maiden$roux") == []


@pytest.mark.parametrize(
    "broken",
    [
        stored_parameter("_id", "token", "Patient.gender"),
        stored_parameter("old", "token", "Patient.gender", status="retired"),
        {"resourceType": "SearchParameter", "id": "empty", "url": "http://me.example/e", "base": ["Patient"]},
        stored_parameter("torn", "token", "Patient.name.where("),
        stored_parameter("loose", "composite", "Patient.name", component=[{"definition": "http://nowhere", "expression": "use"}] * 2),
    ],
    ids=lambda resource: str(resource.get("code")),
)
def test_a_stored_parameter_that_is_of_no_use_harms_no_other(own: Definitions, broken: dict[str, Any]) -> None:
    put(own, broken)
    database = SearchDatabase(own, [TWIN])
    assert database.ids("Patient?name=roux") == ["twin"]
    assert database.ids("Patient?_id=twin") == ["twin"]


def test_a_stored_parameter_with_the_index_key_of_another_is_left_out(own: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.definitions.definitions.parameter_key", lambda type_, code: 7 if code in ("gender", "clash") else code)
    put(own, stored_parameter("clash", "token", "Patient.active"))
    assert "clash" not in own.search_parameters("Patient")
    assert "gender" in own.search_parameters("Patient")


TEAM = {
    "resourceType": "CareTeam", "id": "t", "period": {"start": "2024-01-01", "end": "2024-06-30"},
    "managingOrganization": [{"reference": "Organization/o"}],
    "participant": [{"period": {"start": "2024-02-01", "end": "2024-03-01"}}],
}  # fmt: skip
BORN = {
    "resourceType": "Patient", "id": "b",
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "Nîmes"}}],
}  # fmt: skip


@pytest.mark.conformance
def test_the_parameters_of_the_care_circle_guide_find_what_they_name(definitions: Definitions, test_data: Path) -> None:
    guide = open_archive(test_data / "fhir-packages" / "ans.fhir.fr.cds-2.0.1.tgz")
    both = Definitions([*definitions.packages, guide])
    database = SearchDatabase(both, [TEAM, BORN])
    own = [one for one in guide.search_parameters() if one.base in ("CareTeam", "Patient")]
    assert {one.type for one in own} <= {"date", "reference", "string", "token"}
    for parameter in own:
        value = {"date": "2024", "reference": "Organization/o", "string": "nimes", "token": "x"}[parameter.type]
        query = database.parse(parameter.base, [(parameter.code, value)])
        assert not query.not_understood
        assert database.ids(query), parameter.code

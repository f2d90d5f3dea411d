"""Messages that are sent: what our own reader makes of them is what they were made of."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.message import Message
from adapters.hl7v2.outgoing import Route, load_messages
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.writer import segment
from adapters.mapping.maps import Library
from adapters.mapping.run import Resource
from adapters.mapping.source import MapError
from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError

ROUTE = Route("PASSERELLE", "DAC-EXEMPLE", "DPI-EXEMPLE", "CHU-EXEMPLE", "N1", datetime(2026, 3, 2, 12, tzinfo=UTC), "T")
PLAN = {
    "resourceType": "CarePlan",
    "id": "plan-1",
    "meta": {"versionId": "3", "lastUpdated": "2026-03-02T08:30:00.123Z"},
    "status": "active",
    "title": "Plan de Mme T | suite",
    "created": "2026-03-01T10:00:00+01:00",
    "author": {"reference": "Practitioner/gp"},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Été</div>'},
}
Read = Callable[..., bytes]


def read(library: Library, raw: bytes) -> dict[str, Resource]:
    """What our own maps make of a message, by the name of the resource in the map."""
    message = Message.parse(raw)
    run = AdtInterpreter(library).map_for(message).run(message, SenderSettings())
    return {one.template: one.resource for one in run.entries}


@pytest.fixture
def person(message: Read, library: Library) -> list[Resource]:
    """The person of the admission with their general practitioner, as a server has them."""
    found = read(library, message("a01_admission"))
    doctor = {**found["general_practitioner"], "id": "gp"}
    reference = [{**found["patient"]["generalPractitioner"][0], "reference": "Practitioner/gp"}]
    patient = {**found["patient"], "id": "p", "meta": {"lastUpdated": "2026-03-02T08:30:00Z"}, "generalPractitioner": reference}
    return [patient, doctor]


def admitted(raw: bytes) -> bytes:
    """A message of a person's data as the admission that has the same PID and ROL."""
    assert b"|ADT^A28^ADT_A05|" in raw
    return raw.replace(b"|ADT^A28^ADT_A05|", b"|ADT^A01^ADT_A01|").replace(b"PV1||N", b"PV1||I|" + b"|" * 15 + b"|260")


def without(resource: Resource, *names: str) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}


def test_a_person_comes_back_as_they_went(person: list[Resource], library: Library) -> None:
    back = read(library, admitted(load_messages()["adt_a28"].compose(person, ROUTE)))["patient"]
    went = without(person[0], "id", "meta", "generalPractitioner", "identifier", "extension")
    assert without(back, "generalPractitioner", "identifier", "extension") == went
    numbers = [[(one["system"], one["value"], one["use"]) for one in patient["identifier"]] for patient in (person[0], back)]
    assert sorted(numbers[0]) == sorted(numbers[1])
    assert back["generalPractitioner"][0]["display"] == "Dr Noémie GÉRARD-TESTEUR"
    places = [one["valueAddress"] for patient in (person[0], back) for one in patient["extension"] if one["url"].endswith("birthPlace")]
    assert places[0] == places[1]


def test_an_ins_does_not_travel_without_a_qualified_identity(person: list[Resource]) -> None:
    del person[0]["extension"]
    raw = load_messages()["adt_a31"].compose(person, ROUTE)
    assert b"240053399901230" not in raw
    assert b"700123^^^CHU-EXEMPLE&339990012&N^PI" in raw


def test_the_header_says_who_sends_what_to_whom(person: list[Resource]) -> None:
    header = Message.parse(load_messages()["adt_a31"].compose(person, ROUTE)).header
    assert [header.text(number) for number in (3, 4, 5, 6, 7, 10, 11, 12, 18)] == [
        "PASSERELLE", "DAC-EXEMPLE", "DPI-EXEMPLE", "CHU-EXEMPLE", "20260302120000+0000", "N1", "T", "2.5", "UNICODE UTF-8",
    ]  # fmt: skip
    assert [header.text(9, part) for part in (1, 2, 3)] == ["ADT", "A31", "ADT_A05"]


def test_a_care_plan_goes_as_a_document_and_comes_back_as_one(person: list[Resource], library: Library) -> None:
    back = read(library, load_messages()["mdm_t02"].compose([PLAN, *person], ROUTE))["document"]
    attachment = back["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]).decode() == PLAN["text"]["div"]  # type: ignore[index]
    assert (attachment["contentType"], attachment["title"]) == ("text/html", "Plan de Mme T | suite")
    assert back["type"]["coding"] == [{"system": "http://loinc.org", "code": "18776-5"}]
    assert (back["masterIdentifier"]["value"], back["date"]) == ("plan-1-3", "2026-03-01T10:00:00+01:00")
    assert back["author"][0]["display"] == "Dr Noémie GÉRARD-TESTEUR"


@pytest.mark.parametrize("name", ["mdm_t02", "mdm_t10"])
def test_the_segments_of_a_document_stand_as_the_standard_groups_them(name: str, person: list[Resource]) -> None:
    replaced = {"resourceType": "DocumentReference", "relatesTo": [{"code": "replaces", "target": {"identifier": {"value": "plan-1-2"}}}]}
    raw = load_messages()[name].compose([PLAN, *person, replaced], ROUTE)
    assert [line[:3] for line in raw.split(b"\r")[:-1]] == [b"MSH", b"EVN", b"PID", b"PV1", b"ORC", b"OBR", b"TXA", b"OBX"]
    assert Message.parse(raw).text("TXA", 13) == ("plan-1-2" if name == "mdm_t10" else "")


def test_a_merge_that_is_told_is_read_as_one(person: list[Resource], library: Library) -> None:
    given_up = {**person[0], "id": "old", "identifier": [{"system": "https://passerelle.care/fhir/sid/pi/CHU-EXEMPLE", "value": "9"}]}
    stays = {**person[0], "link": [{"type": "replaces", "other": {"reference": "Patient/old"}}]}
    raw = load_messages()["adt_a40"].compose([stays, given_up, *person[1:]], ROUTE)
    assert [line[:3] for line in raw.split(b"\r")[:-1]] == [b"MSH", b"EVN", b"PID", b"MRG"]
    back = read(library, raw)
    assert [one["value"] for one in back["prior"]["identifier"]] == ["9"]
    assert back["patient"]["name"] == person[0]["name"]


def test_a_plan_that_is_withdrawn_names_the_document_that_the_partner_has(person: list[Resource], library: Library) -> None:
    had = {"resourceType": "DocumentReference", "relatesTo": [{"code": "replaces", "target": {"identifier": {"value": "plan-1-2"}}}]}
    raw = load_messages()["mdm_t04"].compose([PLAN, *person, had], ROUTE)
    assert PLAN["text"]["div"].encode() not in raw  # type: ignore[index]
    back = read(library, raw)["document"]
    assert (back["masterIdentifier"]["value"], back["status"]) == ("plan-1-2", "entered-in-error")


@pytest.mark.parametrize(("left_out", "path"), [("text", "CarePlan.text.div"), ("id", "CarePlan.id")])
def test_what_is_required_is_named(left_out: str, path: str, person: list[Resource]) -> None:
    with pytest.raises(FhirError) as refused:
        load_messages()["mdm_t02"].compose([without(PLAN, left_out), *person], ROUTE)
    assert path in str(refused.value.issues[0].diagnostics)


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("PID", {3: [{"id": "7", "authority": {"universalId": "1.2"}}]}, "PID|||7^^^&1.2"),
        ("PID", {8: "F", 3: [{"id": "a^b"}, {"id": "c~d"}]}, "PID|||a\\S\\b~c\\R\\d|||||F"),
        ("OBX", {1: 1, 5: {"type": "text", "data": "a|b\\c"}}, "OBX|1||||^text^^^a\\F\\b\\E\\c"),
    ],
)
def test_fields_and_components_are_where_the_standard_has_them(name: str, fields: dict[int, Any], expected: str) -> None:
    assert segment(name, fields) == expected


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('  - PID: {"7": Patient.birthDate | hl7tme}', 7, "no function hl7tme"),
        ('  - PID: {"7": name.family}', 7, "no \\$each has bound name"),
        ('  - PID: {"x": Patient.id}', 7, "x"),
        ("  - pid: {}", 7, "pid"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(text: str, line: int, sentence: str, tmp_path: Path) -> None:
    head = "message: trial\ntitle: A trial\nof: fhir\nevent: ADT^A31^ADT_A05\nversion: '2.5'\nsegments:\n"
    (tmp_path / "trial.yaml").write_text(head + text + "\n")
    with pytest.raises(MapError, match=f"trial.yaml:{line}: .*{sentence}"):
        load_messages(tmp_path)


def test_what_the_messages_read_of_resources_is_in_fhir(definitions: Definitions) -> None:
    assert load_messages(schema=definitions.schema).keys() == load_messages().keys()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"7": Patient.brithDate}', "no element brithDate here. Did you mean 'birthDate'"),
        ('{"7": Pateint.birthDate}', "no resource type Pateint. Did you mean 'Patient'"),
        ('{"5": [{$each: Patient.name, family: name.famly}]}', "no element famly here. Did you mean 'family'"),
        ('{"5": [{$each: Patient.generalPractitioner->, id: generalPractitioner.identifer.value}]}', "no element identifer here"),
        ('{"5": Patient.generalPractitioner->name.famly}', "no element famly here"),
        ('{"5": Patient.name->family}', "only a Reference leads on"),
        ('{"8": {$when: exists Patient.gendre, $value: =F}}', "no element gendre here. Did you mean 'gender'"),
        ('{"5": "={Patient.name.famly}"}', "no element famly here"),
    ],
)
def test_a_path_that_fhir_does_not_have_is_told(text: str, sentence: str, tmp_path: Path, definitions: Definitions) -> None:
    head = "message: trial\ntitle: A trial\nof: fhir\nevent: ADT^A31^ADT_A05\nversion: '2.5'\nsegments:\n"
    (tmp_path / "trial.yaml").write_text(f"{head}  - PID: {text}\n")
    with pytest.raises(MapError, match=f"trial.yaml:7: .*{sentence}"):
        load_messages(tmp_path, definitions.schema)

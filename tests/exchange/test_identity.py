"""Whose message it is: INS only for qualified identities, hospital numbers only within the hospital, no merge over a contradiction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.exchange.identity import is_qualified
from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.message import Message
from fhir_server.identifiers.nir import has_right_key
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
INS = {"use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": "240053399901230"}
OTHER_HOSPITAL = {"use": "usual", "system": "urn:oid:1.2.3.4", "value": "X-1"}
OWN_NUMBER = {"use": "usual", "system": "https://passerelle.care/fhir/sid/pi/339990012", "value": "700123"}
GP = {"reference": "Practitioner/of-another-hospital"}
QUALIFIED = {
    "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability",
    "extension": [{"url": "identityStatus", "valueCoding": {"system": "s", "code": "VALI"}}],
}


def person(*identifiers: dict[str, str], **elements: Any) -> dict[str, Any]:
    name = [{"use": "official", "family": "Test Eloise", "given": ["Marguerite"]}]
    return {
        "resourceType": "Patient",
        "identifier": list(identifiers),
        "name": name,
        "gender": "female",
        "birthDate": "1940-05-17",
        **elements,
    }


def send(intake: Intake, raw: bytes) -> Message:
    return Message.parse(asyncio.run(intake.take(raw)) or b"")


def test_a_qualified_identity_finds_the_patient_by_ins_and_adds_to_it(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    known = endpoint.add(person(INS, OTHER_HOSPITAL, generalPractitioner=[GP], maritalStatus={"text": "veuve"}))
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AA"
    (patient,) = endpoint.all("Patient")
    assert patient["id"] == known["id"]
    assert {one["value"] for one in patient["identifier"]} == {INS["value"], "X-1", "700123"}
    assert patient["generalPractitioner"][0] == GP
    assert len(patient["generalPractitioner"]) == 2
    assert patient["maritalStatus"] == {"text": "veuve"}


def test_an_identity_that_is_not_qualified_is_not_found_by_ins_and_does_not_keep_it(
    message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    endpoint.add(person(INS))
    send(intake, message("a01_admission", (b"|VALI|", b"|PROV|")))
    assert len(endpoint.all("Patient")) == 2
    assert [one["value"] for one in endpoint.all("Patient")[1]["identifier"]] == ["700123"]


@pytest.mark.parametrize("status", [b"VALI~DOUT", b"VALI~FICT", b"VALI~USUR", b"VIDE", b""])
def test_doubtful_fictive_and_usurped_identities_are_not_qualified(
    status: bytes, message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    send(intake, message("a01_admission", (b"|VALI|", b"|" + status + b"|")))
    assert [one["value"] for one in endpoint.all("Patient")[0]["identifier"]] == ["700123"]


def test_the_hospitals_number_finds_its_patient_only_within_the_hospital(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    endpoint.add(person({**OWN_NUMBER, "system": "https://passerelle.care/fhir/sid/pi/999999999"}))
    mine = endpoint.add(person(OWN_NUMBER))
    send(intake, message("a01_admission", (b"|VALI|", b"|PROV|")))
    assert len(endpoint.all("Patient")) == 2
    assert endpoint.resources[("Patient", mine["id"])]["meta"]["versionId"] == "2"


@pytest.mark.parametrize(
    ("elements", "place"),
    [
        ({"birthDate": "1941-05-17"}, "PID^1^7"),
        ({"gender": "male"}, "PID^1^8"),
        ({"name": [{"use": "official", "family": "AUTRE", "given": ["Marguerite"]}]}, "PID^1^5"),
    ],
)
def test_traits_that_contradict_on_an_ins_match_are_refused_and_nothing_is_merged(
    elements: dict[str, Any], place: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    endpoint.add({**person(INS), **elements})
    reply = send(intake, message("a01_admission"))
    assert reply.text("MSA", 1) == "AE"
    assert reply.all("ERR")[0].field(2) == place
    assert reply.text("ERR", 3) == "204"
    assert endpoint.transactions == []


@pytest.mark.parametrize(
    "elements",
    [
        {"birthDate": "1940"},
        {"gender": "unknown"},
        {"name": [{"use": "usual", "family": "AUTRE"}]},
        {"name": [{"use": "official", "family": "TEST ELOISE"}]},
    ],
)
def test_what_is_unknown_or_only_written_otherwise_contradicts_nothing(
    elements: dict[str, Any], message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    endpoint.add({**person(INS), **elements})
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AA"


def test_two_patients_with_one_ins_are_refused_naming_it(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    endpoint.add(person(INS))
    endpoint.add(person(INS))
    reply = send(intake, message("a01_admission"))
    assert (reply.text("MSA", 1), reply.all("ERR")[0].field(2), reply.text("ERR", 3)) == ("AE", "PID^1^3", "205")
    assert "INS" in reply.text("ERR", 8)


def test_an_ins_and_a_number_of_two_patients_are_refused(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    endpoint.add(person(INS))
    endpoint.add(person(OWN_NUMBER))
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AE"


def test_another_ins_on_the_hospitals_patient_is_refused(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    endpoint.add(person({**INS, "value": "240053399902262"}, OWN_NUMBER))
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AE"


def test_a_provisional_message_does_not_change_the_traits_of_a_qualified_identity(
    message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    endpoint.add(person(INS, OWN_NUMBER, extension=[QUALIFIED]))
    send(intake, message("a01_admission", (b"|VALI|", b"|PROV|"), (b"|19400517|F|", b"|19410101|M|")))
    (patient,) = endpoint.all("Patient")
    assert (patient["birthDate"], patient["gender"]) == ("1940-05-17", "female")
    assert patient["extension"] == [QUALIFIED]
    assert patient["address"]
    assert "strict traits" in (endpoint.inbox.rows[0].note or "")


ANOTHER = ((b"TEST-\xc3\x89LO\xc3\x8fSE^", b"AUTRE-TEST^"), (b"|19400517|", b"|19800101|"))


def local(raw: bytes) -> bytes:
    """Without the INS, so that the hospital's number alone says who it is."""
    return raw.replace(b"~240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105", b"")


@pytest.mark.parametrize("status", ["", "VALI"])
def test_a_hospitals_number_given_to_two_persons_is_refused(status: str, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    status_sent = (b"|VALI|", b"|%s|" % status.encode())
    assert send(intake, local(message("a28_identite", status_sent))).text("MSA", 1) == "AA"
    before = endpoint.all("Patient")
    answer = send(intake, local(message("a01_admission", status_sent, *ANOTHER)))
    assert (answer.text("MSA", 1), answer.text("ERR", 2), answer.text("ERR", 3)) == ("AE", "PID", "204")
    assert endpoint.all("Patient") == before
    assert endpoint.all("Encounter") == []


@pytest.mark.parametrize("changed", ANOTHER)
def test_one_trait_of_a_hospitals_patient_may_be_mended(
    changed: tuple[bytes, bytes], message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    assert send(intake, local(message("a28_identite"))).text("MSA", 1) == "AA"
    assert send(intake, local(message("a31_identite_modifiee", changed))).text("MSA", 1) == "AA"
    (patient,) = endpoint.all("Patient")
    assert patient["birthDate"] == "1980-01-01" or patient["name"][0]["family"] == "AUTRE-TEST"


def test_a_provisional_identity_becomes_the_true_one_and_it_is_noted(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    unknown = local(message("a28_identite", (b"|VALI|", b"|PROV|"), *ANOTHER))
    assert send(intake, unknown).text("MSA", 1) == "AA"
    assert send(intake, local(message("a31_identite_modifiee"))).text("MSA", 1) == "AA"
    (patient,) = endpoint.all("Patient")
    assert patient["birthDate"] == "1940-05-17"
    assert any("provisional identity" in (row.note or "") for row in endpoint.inbox.rows)


def test_a_write_that_came_first_is_not_overwritten(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    known = endpoint.add(person(INS))

    def another_writer(server: MemoryEndpoint) -> None:
        server.before_commit.clear()
        server.add({**server.resources[("Patient", known["id"])], "maritalStatus": {"text": "veuve"}})

    endpoint.before_commit.append(another_writer)
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AA"
    patient = endpoint.resources[("Patient", known["id"])]
    assert patient["maritalStatus"] == {"text": "veuve"}
    assert patient["meta"]["versionId"] == "3"


def test_a_visit_number_of_another_patient_is_refused(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    send(intake, message("a01_admission"))
    other = message("a01_admission", (b"|M0001|", b"|M0901|"), (b"700123^", b"700777^"), (b"240053399901230", b"238083399903415"))
    reply = send(intake, other)
    assert (reply.text("MSA", 1), reply.all("ERR")[0].field(2)) == ("AE", "PV1^1^19")


def test_practitioners_with_one_number_and_two_names_stay_two(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    send(intake, message("a01_admission"))
    other_name = message(
        "a01_admission", (b"|M0001|", b"|M0902|"), (b"26030001^", b"26030902^"), (b"LEF\xc3\x88VRE-FICTIF^Lo", b"DURAND-FICTIF^Lo")
    )
    send(intake, other_name)
    send(intake, other_name.replace(b"|M0902|", b"|M0903|").replace(b"26030902^", b"26030903^"))
    doctors = [one for one in endpoint.all("Practitioner") if one["identifier"][0]["value"] == "10199900027"]
    assert sorted(one["name"][0]["family"] for one in doctors) == ["DURAND-FICTIF", "LEFÈVRE-FICTIF"]


def test_three_persons_of_one_message_with_one_number_stay_three(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    """As in an official discharge letter (LDL-SES)."""
    attending = "10199900027^LEFÈVRE-FICTIF^Loïc^^^Dr^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS".encode()
    both = attending + b"~" + attending.replace("LEFÈVRE".encode(), b"AUGUIN")
    family_doctor = ("10199900019^GÉRARD".encode(), b"10199900027^BOILEAU")
    assert send(intake, message("a01_admission", family_doctor, (attending, both))).text("MSA", 1) == "AA"
    families = sorted(one["name"][0]["family"] for one in endpoint.all("Practitioner"))
    assert families == ["AUGUIN-FICTIF", "BOILEAU-TESTEUR", "LEFÈVRE-FICTIF"]


def test_a_professional_whom_another_message_made_meanwhile_is_found_by_number_and_name(
    message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    number = [{"system": "https://rpps.esante.gouv.fr", "value": "10199900027"}]

    def another_writer(server: MemoryEndpoint) -> None:
        server.before_commit.clear()
        for family in ("LEFÈVRE-FICTIF", "DURAND-FICTIF"):
            server.add({"resourceType": "Practitioner", "identifier": number, "name": [{"family": family, "given": ["Loïc"]}]})

    endpoint.before_commit.append(another_writer)
    assert send(intake, message("a01_admission")).text("MSA", 1) == "AA"
    doctors = [one["name"][0]["family"] for one in endpoint.all("Practitioner") if one["identifier"][0]["value"] == "10199900027"]
    assert sorted(doctors) == ["DURAND-FICTIF", "LEFÈVRE-FICTIF"]


@pytest.mark.parametrize(("ins", "right"), [("240053399901230", True), ("240053399901231", False), ("2400533999012", False), ("", False),
                                            ("123456789012244", False), ("180022A00100186", False)])  # fmt: skip
def test_the_key_of_an_ins(ins: str, right: bool) -> None:
    assert has_right_key(ins) is right


def test_the_key_counts_corsica_as_19_and_18() -> None:
    for letters, digits in (("2A", "19"), ("2B", "18")):
        key = 97 - int(f"18002{digits}001001") % 97
        assert has_right_key(f"18002{letters}001001{key:02d}")


def test_a_wrong_key_is_told_of_a_movement_that_is_repeated_too(message: Read, intake: Intake) -> None:
    send(intake, message("a01_admission"))
    reply = send(intake, message("a01_admission", (b"|M0001|", b"|M0001B|"), (b"240053399901230", b"240053399901299")))
    assert (reply.text("MSA", 1), reply.text("ERR", 4)) == ("AA", "W")


def test_an_ins_with_a_wrong_key_is_neither_used_nor_kept(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    reply = send(intake, message("a01_admission", (b"240053399901230", b"240053399901299")))
    assert acknowledgement_code(b"MSH|^~\\&|||||||ACK\rMSA|" + reply.text("MSA", 1).encode()) == "AA"
    assert "key of the INS" in (endpoint.inbox.rows[0].note or "")
    (patient,) = endpoint.all("Patient")
    assert [one["value"] for one in patient["identifier"]] == ["700123"]
    assert not is_qualified(patient)
    assert "VALI" not in str(patient["extension"])

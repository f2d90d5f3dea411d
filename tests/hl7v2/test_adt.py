"""ADT messages from bytes to resources and answers: what each field becomes, what is refused and how it is said."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.message import Message
from fhir_server.model.issue import Category
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
RPPS = "https://rpps.esante.gouv.fr"
INS = "urn:oid:1.2.250.1.213.1.4.10"
NAMES = "TEST-ÉLOÏSE^Marguerite^Marguerite Andrée^^^^L~TEST-BŒUF^Marguerite^^^^^D".encode()
MOVEMENT = "https://passerelle.care/fhir/StructureDefinition/encounter-movement"
HOME = ("http://terminology.hl7.org/CodeSystem/discharge-disposition", "home")
DESTINATION = "https://passerelle.care/fhir/CodeSystem/discharge-destination"


def take(intake: Intake, *messages: bytes) -> list[bytes]:
    async def run() -> list[bytes]:
        return [await intake.take(one) or b"" for one in messages]

    return asyncio.run(run())


def only(endpoint: MemoryEndpoint, type_name: str) -> dict[str, Any]:
    (resource,) = endpoint.all(type_name)
    return resource


def codings(encounter: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["system"], one["code"]) for one in encounter["hospitalization"]["dischargeDisposition"]["coding"]]


def errors(reply: bytes) -> list[tuple[str, str, str]]:
    """ERR-2, ERR-3.1 and the English sentence (ERR-7, else ERR-8) of an answer."""
    message = Message.parse(reply)
    return [("^".join(one.field(2).split("^")), one.text(3), one.text(7) or one.text(8)) for one in message.all("ERR")]


class TestAdmission:
    def test_it_is_stored_and_acknowledged(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        (reply,) = take(intake, message("a01_admission"))
        assert acknowledgement_code(reply) == "AA"
        assert Message.parse(reply).text("MSA", 2) == "M0001"
        assert endpoint.inbox.rows[0].status == "processed"

    def test_the_answer_turns_the_header_round(self, message: Read, intake: Intake) -> None:
        reply = Message.parse(take(intake, message("a01_admission"))[0])
        assert [reply.text("MSH", number) for number in (3, 4, 5, 6)] == ["PASSERELLE", "DAC-EXEMPLE", "DPI-EXEMPLE", "CHU-EXEMPLE"]
        assert [reply.text("MSH", 9, part) for part in (1, 2, 3)] == ["ACK", "A01", "ACK"]
        assert reply.text("MSH", 7) == "20260301120000+0000"
        assert reply.text("MSH", 18) == "UNICODE UTF-8"

    def test_the_patient_has_the_ins_the_hospitals_number_names_and_birth_place(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a01_admission"))
        patient = only(endpoint, "Patient")
        ins, ipp = patient["identifier"]
        assert (ins["system"], ins["value"], ins["use"]) == (INS, "240053399901230", "official")
        assert ins["type"]["coding"][0]["code"] == "INS-NIR-TEST"
        assert (ipp["value"], ipp["use"], ipp["type"]["coding"][0]["code"]) == ("700123", "usual", "PI")
        assert [(name["use"], name["family"]) for name in patient["name"]] == [("official", "TEST-ÉLOÏSE"), ("usual", "TEST-BŒUF")]
        assert patient["name"][0]["extension"][0]["valueString"] == "Marguerite Andrée"
        birth_place = next(one for one in patient["extension"] if one["url"].endswith("patient-birthPlace"))
        assert birth_place["valueAddress"]["extension"][0]["valueCoding"]["code"] == "33999"
        status = next(one for one in patient["extension"] if one["url"].endswith("identity-reliability"))
        assert status["extension"][0]["valueCoding"]["code"] == "VALI"
        assert (patient["gender"], patient["birthDate"], len(patient["address"])) == ("female", "1940-05-17", 1)
        assert [(one["value"], one["use"]) for one in patient["telecom"]] == [("0599990001", "home"), ("0699990001", "mobile")]

    def test_the_gp_comes_from_rol_with_rpps_and_address(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a01_admission"))
        reference = only(endpoint, "Patient")["generalPractitioner"][0]
        assert reference["display"] == "Dr Noémie GÉRARD-TESTEUR"
        gp = endpoint.resources[tuple(reference["reference"].split("/"))]
        assert (gp["identifier"][0]["system"], gp["identifier"][0]["value"]) == (RPPS, "10199900019")
        assert gp["telecom"][1] == {"system": "email", "value": "noemie.gerard-testeur@exemple.invalid"}
        assert gp["address"][0]["line"] == ["3 place du Marché"]

    def test_the_stay_is_open_with_its_places_people_and_movement(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a01_admission"))
        stay = only(endpoint, "Encounter")
        assert (stay["status"], stay["class"]["code"]) == ("in-progress", "IMP")
        assert stay["period"] == {"start": "2026-03-02T09:30:00+01:00"}
        assert stay["identifier"][0]["value"] == "26030001"
        assert stay["reasonCode"][0]["text"] == "Bilan de chutes répétées"
        assert {one["location"]["display"] for one in stay["location"]} == {"4210 204 F", "Gériatrie aiguë"}
        assert "dischargeDisposition" not in stay["hospitalization"]
        assert only(endpoint, "Organization")["identifier"] == [{"system": "https://finess.esante.gouv.fr", "value": "339990012"}]
        movement = next(one for one in stay["extension"] if one["url"] == MOVEMENT)
        assert movement["extension"][0]["valueIdentifier"]["value"] == "90001"

    def test_the_same_bytes_again_get_the_same_answer_and_change_nothing(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        first, second = take(intake, message("a01_admission"), message("a01_admission"))
        assert first == second
        assert len(endpoint.transactions) == 1

    def test_the_same_number_on_other_bytes_is_processed_and_flagged(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        other = message("a01_admission", (b"90001^CHU", b"90101^CHU"), (b"26030001^", b"26039001^"))
        assert [acknowledgement_code(one) for one in take(intake, message("a01_admission"), other)] == ["AA", "AA"]
        assert len(endpoint.all("Encounter")) == 2
        assert "used this number before" in (endpoint.inbox.rows[1].note or "")


class TestDischarge:
    def test_it_closes_the_stay_that_the_admission_opened(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        replies = take(intake, message("a01_admission"), message("a03_sortie_domicile"))
        assert [acknowledgement_code(one) for one in replies] == ["AA", "AA"]
        stay = only(endpoint, "Encounter")
        assert stay["status"] == "finished"
        assert stay["period"] == {"start": "2026-03-02T09:30:00+01:00", "end": "2026-03-08T14:30:00+01:00"}
        assert len([one for one in stay["extension"] if one["url"] == MOVEMENT]) == 2
        assert {(one["status"], one["period"]["start"], one["period"]["end"]) for one in stay["location"]} == {
            ("completed", "2026-03-02T09:30:00+01:00", "2026-03-08T14:30:00+01:00")
        }
        assert len(stay["location"]) == 2
        assert HOME in codings(stay)
        assert (DESTINATION, "home") in codings(stay)
        assert len(endpoint.all("Patient")) == 1

    def test_accents_come_through_8859_15(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        reply = take(intake, message("a03_sortie_domicile"))[0]
        assert only(endpoint, "Patient")["name"][1]["family"] == "TEST-BŒUF"
        assert Message.parse(reply).text("MSH", 18) == "8859/15"

    def test_without_an_admission_the_stay_is_made_finished(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a03_sortie_domicile"))
        assert only(endpoint, "Encounter")["status"] == "finished"

    @pytest.mark.parametrize(
        ("name", "standard", "own"),
        [
            ("a03_sortie_domicile", "home", "home"),
            ("a03_sortie_ehpad", "long", "medico-social"),
            ("a03_sortie_had", "oth", "home-hospitalisation"),
            ("a03_sortie_ssr", "rehab", "rehabilitation"),
            ("a03_deces", "exp", "death"),
            ("a03_contre_avis", "aadvice", "against-advice"),
        ],
    )
    def test_where_the_stay_ends(self, name: str, standard: str, own: str, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message(name))
        assert codings(only(endpoint, "Encounter"))[:2] == [(HOME[0], standard), (DESTINATION, own)]

    def test_only_a_home_is_home(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        others = ("a03_sortie_ehpad", "a03_sortie_had", "a03_sortie_ssr", "a03_deces", "a03_contre_avis", "a03_sans_destination")
        take(intake, *(message(name) for name in others))
        assert len(endpoint.all("Encounter")) == 6
        assert not any(HOME in codings(one) for one in endpoint.all("Encounter"))

    @pytest.mark.parametrize("zfm", [b"8|8", b"8|8||", b"8|8||D"])
    def test_mode_8_without_a_destination_or_with_d_is_home(
        self, zfm: bytes, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a03_sortie_domicile", (b"ZFM|8|8|5|D", b"ZFM|" + zfm)))
        assert HOME in codings(only(endpoint, "Encounter"))

    def test_when_nothing_says_where_the_stay_ends_nothing_is_guessed(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a03_sortie_domicile", (b"ZFM|8|8|5|D\r", b""), (b"||3||||||||20260302", b"||||||||||20260302")))
        stay = only(endpoint, "Encounter")
        assert stay["status"] == "finished"
        assert "dischargeDisposition" not in stay.get("hospitalization", {})

    def test_a_medical_decision_alone_does_not_say_where(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a03_sans_destination"))
        assert [system.rsplit("/", 1)[1] for system, _ in codings(only(endpoint, "Encounter"))] == ["fr-core-cs-circonstances-sortie"]

    def test_an_unlisted_pmsi_pair_keeps_its_code_and_says_nothing(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a03_sortie_domicile", (b"ZFM|8|8|5|D", b"ZFM|8|0||1"), (b"||3||||||||20260302", b"||||||||||20260302")))
        assert codings(only(endpoint, "Encounter")) == [("https://passerelle.care/fhir/CodeSystem/pmsi-discharge", "0.1")]

    def test_death_is_the_patients_too(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a03_deces"))
        assert only(endpoint, "Patient")["deceasedDateTime"] == "2026-03-07T03:55:00+01:00"
        assert "deceasedBoolean" not in only(endpoint, "Patient")

    def test_the_destination_is_an_organization_by_finess(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a03_sortie_ehpad"))
        reference = only(endpoint, "Encounter")["hospitalization"]["destination"]["reference"]
        assert endpoint.resources[tuple(reference.split("/"))]["identifier"][0]["value"] == "339990020"


class TestMovement:
    def test_a_movement_that_was_applied_changes_nothing_whatever_its_envelope(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        again = message("a03_sortie_domicile", (b"|M0002|", b"|M7777|"), (b"^LEF", b"^AUTRE-LEF"))
        replies = take(intake, message("a01_admission"), message("a03_sortie_domicile"), again)
        assert acknowledgement_code(replies[2]) == "AA"
        assert len(endpoint.transactions) == 2
        assert "nothing was changed" in (endpoint.inbox.rows[2].note or "")
        assert endpoint.inbox.rows[2].status == "processed"

    def test_the_same_movement_number_in_another_stay_is_another_movement(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        other = message("a01_admission", (b"|M0001|", b"|M0501|"), (b"26030001^", b"26035001^"))
        take(intake, message("a01_admission"), other)
        assert len(endpoint.all("Encounter")) == 2

    def test_a_discharge_under_the_admissions_movement_number_is_not_lost(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a01_admission"), message("a03_sortie_domicile", (b"90002^CHU", b"90001^CHU")))
        assert only(endpoint, "Encounter")["status"] == "finished"

    def test_an_admission_that_comes_late_leaves_the_stay_closed_and_adds_its_start(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a03_sortie_domicile"), message("a01_admission"))
        stay = only(endpoint, "Encounter")
        assert (stay["status"], stay["period"]["end"]) == ("finished", "2026-03-08T14:30:00+01:00")
        assert "stays closed" in (endpoint.inbox.rows[1].note or "")

    def test_an_update_counts_in_place_of_the_movement_and_both_are_kept(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        update = message("a01_admission", (b"|M0001|", b"|M0601|"), (b"||INSERT|", b"||UPDATE|"), (b"|4210^204^F^", b"|4210^207^P^"))
        take(intake, message("a01_admission"), update)
        stay = only(endpoint, "Encounter")
        found = [one for one in stay["extension"] if one["url"] == MOVEMENT]
        actions = [part["valueString"] for one in found for part in one["extension"] if part["url"] == "action"]
        assert actions == ["INSERT", "UPDATE"]
        assert [one["location"]["display"] for one in stay["location"]] == ["4210 207 P", "Gériatrie aiguë"]

    def test_the_shifted_zbe_of_the_national_template_is_mended_with_a_note(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a03_sortie_domicile", (b"||INSERT|", b"|20260308143000||INSERT|")))
        movement = next(one for one in only(endpoint, "Encounter")["extension"] if one["url"] == MOVEMENT)
        assert {part["url"] for part in movement["extension"]} >= {"identifier", "action", "medicalWard"}
        assert "ZBE-5" in (endpoint.inbox.rows[0].note or "")


class TestDeletion:
    """An empty field was not sent; two quotation marks delete."""

    def test_an_empty_field_leaves_what_is_there(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        phones = b"^PRN^PH^^^^^^^^^0599990001~^PRN^CP^^^^^^^^^0699990001"
        later = message("a03_sortie_domicile", (phones, b""), (b"|19400517|F|", b"||F|"))
        take(intake, message("a01_admission"), later)
        assert len(only(endpoint, "Patient")["telecom"]) == 2
        assert only(endpoint, "Patient")["birthDate"] == "1940-05-17"

    def test_two_quotation_marks_delete(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        phones = b"^PRN^PH^^^^^^^^^0599990001~^PRN^CP^^^^^^^^^0699990001"
        later = message("a03_sortie_domicile", (phones, b'""'), (b"|19400517|F|", b'|19400517|""|'))
        take(intake, message("a01_admission"), later)
        patient = only(endpoint, "Patient")
        assert [one["use"] for one in patient["telecom"]] == ["mobile"]
        assert "gender" not in patient

    def test_deleting_the_addresses_deletes_the_birth_place_too(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        first = message("a03_sortie_domicile")
        address = first.split(b"|F|||", 1)[1].split(b"||", 1)[0]
        take(intake, message("a01_admission"), message("a03_sortie_domicile", (address, b'""')))
        patient = only(endpoint, "Patient")
        assert "address" not in patient
        assert [one["url"].rsplit("/", 1)[1] for one in patient["extension"]] == ["fr-core-identity-reliability"]


class TestRefusal:
    """A message that cannot be used is kept, and its answer names segment, field and reason."""

    @pytest.mark.parametrize(
        ("old", "new", "code", "place", "number"),
        [
            (b"|19400517|", b"|19401317|", "AE", "PID^1^7", "102"),
            (b"|19400517|", b"|hier|", "AE", "PID^1^7", "102"),
            (b"|20260302093000|||||||V", b"|20260230093000|||||||V", "AE", "PV1^1^44", "102"),
            (NAMES, b"^Marguerite^^^^^L", "AE", "PID^1^5^^1", "101"),
            (b"26030001^^^CHU", b"^^^CHU", "AE", "PV1^1^19^^1", "101"),
            (b"PV1|1|I|", b"PV1|1||", "AE", "PV1^1^2", "101"),
            (b"\rPV1|", b"\rPVX|", "AE", "PV1^1", "100"),
            (b"\rPID|", b"\rPIX|", "AE", "PID^1", "100"),
            (b"|ADT^A01^ADT_A01|", b"|ADT^A99^ADT_A01|", "AR", "MSH^1^9^^2", "201"),
            (b"|ADT^A01^ADT_A01|", b"|ORM^O01^ORM_O01|", "AR", "MSH^1^9", "200"),
            (b"|ADT^A01^ADT_A01|", b"||", "AR", "MSH^1^9", "101"),
            (b"|M0001|", b"||", "AR", "MSH^1^10", "101"),
            (b"|2.5^FRA^2.11|", b"|3.0|", "AR", "MSH^1^12", "203"),
            (b"|UNICODE UTF-8|", b"|8859/7|", "AR", "MSH^1^18", "103"),
            (b"|UNICODE UTF-8|", b"||", "AR", "MSH^1^18", "102"),
            (b"||INSERT|", b"||CANCEL|", "AE", "ZBE^1^4", "103"),
            (b"||INSERT|", b"||REMOVE|", "AE", "ZBE^1^4", "103"),
            (b"ZBE|90001^CHU-EXEMPLE^339990012|20260302093000", b"ZBE|90001^CHU-EXEMPLE^339990012|20260302256000", "AE", "ZBE^1^2", "102"),
        ],
    )
    def test_the_answer_says_where_and_what(
        self, old: bytes, new: bytes, code: str, place: str, number: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        (reply,) = take(intake, message("a01_admission", (old, new)))
        assert acknowledgement_code(reply) == code
        ((where, found, sentence),) = errors(reply)
        assert (where, found) == (place, number)
        assert sentence.endswith(".")
        assert endpoint.transactions == []
        assert (endpoint.inbox.rows[0].status, endpoint.inbox.rows[0].note) == ("failed", sentence)

    def test_nobody_is_made_without_an_identifier(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        (reply,) = take(intake, message("a01_admission", (b"^PI~", b"^SS~"), (b"|VALI|", b"|PROV|")))
        assert [(place, code) for place, code, _ in errors(reply)] == [("PID^1^3", "101")]
        assert endpoint.transactions == []

    def test_the_answer_has_the_usual_separators_whatever_the_message_has(self, message: Read, intake: Intake) -> None:
        header, rest = message("a01_admission").split(b"\r", 1)
        other = header.translate(bytes.maketrans(b"|^&", b"#*$")).replace(b"DPI-EXEMPLE", b"D|PI^X") + b"\r"
        (reply,) = take(intake, other + rest.translate(bytes.maketrans(b"|^&", b"#*$")))
        answer = Message.parse(reply)
        assert [answer.text("MSA", 1), answer.text("MSA", 2), answer.text("MSH", 5)] == ["AA", "M0001", "D|PI^X"]

    def test_control_characters_are_not_echoed(self, message: Read, intake: Intake) -> None:
        (reply,) = take(intake, message("a01_admission", (b"|M0001|", b"|M0\x00\x0b\x1c01|")))
        assert acknowledgement_code(reply) == "AR"
        assert Message.parse(reply).text("MSA", 2) == "M001"

    @pytest.mark.parametrize("raw", [b"", b"hello", b"MSH|^~\\&|A|B", b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|7|P|2.5", b"\xff\xfe"])
    def test_what_cannot_be_read_is_kept_and_rejected(self, raw: bytes, intake: Intake, endpoint: MemoryEndpoint) -> None:
        (reply,) = take(intake, raw)
        assert acknowledgement_code(reply) in ("AR", "AE")
        assert endpoint.inbox.rows[0].raw == raw
        assert endpoint.inbox.rows[0].status == "failed"

    def test_every_truncation_of_a_message_is_answered(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        whole = message("a01_admission")
        replies = take(intake, *(whole[:length] for length in range(0, len(whole), 23)))
        assert {acknowledgement_code(one) for one in replies} <= {"AA", "AE", "AR"}
        assert [acknowledgement_code(one) for one in replies[:5]] == ["AR"] * 5
        assert {acknowledgement_code(one) for one in replies[5:25]} == {"AE"}

    def test_a_failed_message_is_tried_again_when_it_is_sent_again(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        async def run() -> tuple[bytes | None, bytes | None]:
            endpoint.before_commit.append(_full_disk)
            first = await intake.take(message("a01_admission"))
            endpoint.before_commit.clear()
            return first, await intake.take(message("a01_admission"))

        first, second = asyncio.run(run())
        assert acknowledgement_code(first or b"") == "AE"
        assert acknowledgement_code(second or b"") == "AA"
        assert [row.status for row in endpoint.inbox.rows] == ["processed"]

    @pytest.mark.parametrize(("modes", "code"), [(b"|||||FRA", "AE"), (b"|||AL|NE|FRA", "CE"), (b"|||NE|AL|FRA", "CE")])
    def test_what_could_not_be_kept_is_never_acknowledged_and_may_be_sent_again(
        self, modes: bytes, code: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        endpoint.inbox.broken = Category.STORAGE
        (reply,) = take(intake, message("a01_admission", (b"2.11|||||FRA", b"2.11" + modes)))
        assert acknowledgement_code(reply) == code
        assert Message.parse(reply).text("ERR", 6) == "retry"

    def test_a_thousand_repetitions_are_taken(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        phones = b"~".join(b"^PRN^PH^^^^^^^^^05%08d" % number for number in range(1000))
        take(intake, message("a01_admission", (b"^PRN^PH^^^^^^^^^0599990001", phones)))
        assert len(only(endpoint, "Patient")["telecom"]) == 1001

    def test_a_thousand_repetitions_of_everything_are_taken_and_a_flood_is_refused(
        self, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        def flooded(count: int) -> bytes:
            numbers = b"~".join(b"%06d^^^A%d&&N^PI" % (number, number) for number in range(count))
            return message("a01_admission", (b"700123^^^CHU-EXEMPLE&339990012&N^PI", b"700123^^^CHU-EXEMPLE&339990012&N^PI~" + numbers))

        replies = take(intake, flooded(900), flooded(3000), message("a03_sortie_domicile"))
        assert [acknowledgement_code(one) for one in replies] == ["AA", "AE", "AA"]
        assert len(only(endpoint, "Patient")["identifier"]) == 902

    @pytest.mark.parametrize(("oid", "type_", "use"), [("8", "INS-NIR", "official"), ("9", "INS-NIA", "temp"),
                                                       ("10", "INS-NIR-TEST", "official"), ("11", "INS-NIR-DEMO", "official")])  # fmt: skip
    def test_each_kind_of_ins_has_its_system_type_and_use(
        self, oid: str, type_: str, use: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        take(intake, message("a01_admission", (b"1.2.250.1.213.1.4.10", f"1.2.250.1.213.1.4.{oid}".encode())))
        ins = only(endpoint, "Patient")["identifier"][0]
        assert (ins["system"], ins["type"]["coding"][0]["code"], ins["use"]) == (f"urn:oid:1.2.250.1.213.1.4.{oid}", type_, use)

    def test_times_in_doubt_are_noted(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        take(intake, message("a01_admission", (b"20260302093000|||||||V", b"20261025023000|||||||V")))
        assert "occurs twice" in (endpoint.inbox.rows[0].note or "")
        assert only(endpoint, "Encounter")["period"]["start"] == "2026-10-25T02:30:00+02:00"

    @pytest.mark.parametrize(
        ("admitted", "discharged", "end", "meant"),
        [
            (b"20261025025000", b"20261025021000", "2026-10-25T02:10:00+01:00", "second"),
            (b"20261025021000", b"20261025025000", "2026-10-25T02:50:00+02:00", "first"),
            (b"20261025025000", b"20261025021000+0100", "2026-10-25T02:10:00+01:00", ""),
            (b"20261025025000", b"20261025021000+0200", None, ""),
            (b"20261025025000+0100", b"20261025021000", None, ""),
            (b"20261025035000", b"20261025021000", None, ""),
            (b"20261025025000", b"20261025015000", None, ""),
        ],
    )  # fmt: skip
    def test_a_discharge_in_the_hour_that_occurs_twice_is_after_its_admission(
        self, admitted: bytes, discharged: bytes, end: str | None, meant: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        leaves = message("a03_sortie_domicile", (b"20260302093000", admitted), (b"20260308143000", discharged))
        replies = take(intake, message("a01_admission", (b"20260302093000", admitted)), leaves)
        assert [acknowledgement_code(one) for one in replies] == ["AA", "AA" if end else "AE"]
        assert only(endpoint, "Encounter")["period"].get("end") == end
        said = re.findall("PV1-45: this hour occurs twice in Europe/Paris; the (first|second) is meant", endpoint.inbox.rows[1].note or "")
        assert said == ([meant] if meant else [])

    def test_a_discharge_in_the_second_of_two_hours_stays_there(self, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        times = (b"20260302093000", b"20261025025000"), (b"20260308143000", b"20261025021000")
        again = message("a08_donnees_du_sejour", (b"20260302093000", b"20261025025000"))
        replies = take(intake, message("a01_admission", times[0]), message("a03_sortie_domicile", *times), again)
        replies += take(intake, message("a03_sortie_domicile", *times, (b"|M0", b"|R0")))
        assert {acknowledgement_code(one) for one in replies} == {"AA"}
        assert only(endpoint, "Encounter")["period"]["end"] == "2026-10-25T02:10:00+01:00"


def _full_disk(endpoint: MemoryEndpoint) -> None:
    from fhir_server.model.issue import fault

    raise fault(Category.STORAGE, "no-store", "The disk is full.")


@pytest.mark.conformance
class TestOfficialSamples:
    """The national samples: SGL (an A01, and an A03 with a shifted ZBE) and consent (five A01 with one movement number)."""

    def test_all_are_stored_and_the_discharge_closes_the_stay(self, test_data: Path, intake: Intake, endpoint: MemoryEndpoint) -> None:
        folder = test_data / "hl7v2-fr"
        files = [folder / "sgl/admission.er7", folder / "sgl/sortie.er7", *sorted((folder / "consentement").glob("*.er7"))]
        replies = take(intake, *(file.read_bytes() for file in files))
        assert [acknowledgement_code(one) for one in replies] == ["AA"] * 7
        stays = {one["identifier"][0]["value"]: one for one in endpoint.all("Encounter")}
        assert len(stays) == 5
        assert stays["000897406"]["status"] == "finished"
        assert "dischargeDisposition" not in stays["000897406"].get("hospitalization", {})
        assert len(endpoint.all("Patient")) == 1

    def test_sending_them_again_changes_nothing(self, test_data: Path, intake: Intake, endpoint: MemoryEndpoint) -> None:
        files = [*(test_data / "hl7v2-fr/sgl").glob("*.er7"), *(test_data / "hl7v2-fr/consentement").glob("*.er7")]
        take(intake, *(file.read_bytes() for file in files))
        versions = {key: one["meta"]["versionId"] for key, one in endpoint.resources.items()}
        take(intake, *(file.read_bytes() for file in files))
        assert {key: one["meta"]["versionId"] for key, one in endpoint.resources.items()} == versions

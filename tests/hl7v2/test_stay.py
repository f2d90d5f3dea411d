"""What each event of IHE PAM France does to a stay that is there, and what takes it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.message import Message
from tests.hl7v2.stay_message import Said, adt
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
ADMITTED = "a01_admission"


def take(intake: Intake, *messages: bytes) -> list[bytes]:
    async def run() -> list[bytes]:
        return [await intake.take(one) or b"" for one in messages]

    return asyncio.run(run())


def stay_after(read: Read, intake: Intake, endpoint: MemoryEndpoint, *names: str) -> dict[str, Any]:
    replies = take(intake, *(read(name) for name in names))
    assert [acknowledgement_code(one) for one in replies] == ["AA"] * len(names)
    (stay,) = endpoint.all("Encounter")
    return stay


def places(stay: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["location"]["display"], one["period"]["start"][:10], one["period"].get("end", "")[:10]) for one in stay["location"]]


def attending(stay: dict[str, Any]) -> list[tuple[str, bool]]:
    found = [one for one in stay["participant"] if one["type"][0]["coding"][0]["code"] == "ATND"]
    return [(one["individual"]["display"], "end" in one["period"]) for one in found]


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["a05_preadmission"], "planned"),
        (["a14_admission_attendue"], "planned"),
        (["a05_preadmission", "a38_annulation_preadmission"], "cancelled"),
        (["a05_preadmission", ADMITTED], "in-progress"),
        ([ADMITTED, "a11_annulation_admission"], "cancelled"),
        (["a11_annulation_admission"], "cancelled"),
        (["a11_annulation_admission", ADMITTED], "cancelled"),
        ([ADMITTED, "a21_permission"], "onleave"),
        ([ADMITTED, "a21_permission", "a52_annulation_permission"], "in-progress"),
        ([ADMITTED, "a21_permission", "a22_retour_permission"], "in-progress"),
        ([ADMITTED, "a21_permission", "a22_retour_permission", "a53_annulation_retour"], "onleave"),
        ([ADMITTED, "a03_sortie_domicile"], "finished"),
        ([ADMITTED, "a03_sortie_domicile", "a13_annulation_sortie"], "in-progress"),
        ([ADMITTED, "a13_annulation_sortie", "a03_sortie_domicile"], "in-progress"),
        (["a02_mutation"], "in-progress"),
        (["a13_annulation_sortie"], "unknown"),
        ([ADMITTED, "a16_sortie_attendue", "a25_annulation_sortie_attendue"], "in-progress"),
        (["a08_donnees_du_sejour"], "unknown"),
        (["a08_donnees_du_sejour", ADMITTED, "a08_donnees_du_sejour"], "in-progress"),
    ],
    ids=lambda value: "+".join(one.split("_")[0] for one in value) if isinstance(value, list) else value,
)
def test_the_status(names: list[str], status: str, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert stay_after(message, intake, endpoint, *names)["status"] == status


def test_a_transfer_moves_the_person_and_its_cancellation_moves_her_back(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    moved = stay_after(message, intake, endpoint, ADMITTED, "a02_mutation")
    assert places(moved) == [
        ("4210 204 F", "2026-03-02", "2026-03-04"),
        ("4220 118 P", "2026-03-04", ""),
        ("Gériatrie aiguë", "2026-03-02", "2026-03-04"),
        ("Court séjour", "2026-03-04", ""),
    ]
    back = stay_after(message, intake, endpoint, "a12_annulation_mutation")
    assert places(back) == [("4210 204 F", "2026-03-02", ""), ("Gériatrie aiguë", "2026-03-02", "")]


def test_a_change_of_class_is_kept_with_its_time(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, ADMITTED, "a07_vers_externe")
    assert stay["class"]["code"] == "AMB"
    ((past,),) = [stay["classHistory"]]
    assert (past["class"]["code"], past["period"]["end"][:10]) == ("IMP", "2026-03-06")


def test_a_leave_is_told_by_the_history_of_the_status(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, ADMITTED, "a22_retour_permission", "a21_permission")
    assert [(one["status"], one["period"].get("end", "")[:10]) for one in stay["statusHistory"]] == [
        ("in-progress", "2026-03-05"),
        ("onleave", "2026-03-06"),
    ]


def test_another_attending_physician_takes_over_until_that_is_cancelled(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, ADMITTED, "a54_changement_medecin")
    assert attending(stay) == [("Dr Loïc LEFÈVRE-FICTIF", True), ("Dr Rose AUGUIN-FICTIF", False)]
    assert attending(stay_after(message, intake, endpoint, "a55_annulation_changement_medecin")) == [("Dr Loïc LEFÈVRE-FICTIF", False)]


def test_a_cancelled_discharge_leaves_neither_end_nor_destination(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, ADMITTED, "a03_sortie_domicile", "a13_annulation_sortie")
    assert "end" not in stay["period"]
    assert "dischargeDisposition" not in stay["hospitalization"]
    assert [one["status"] for one in stay["location"]] == ["active", "active"]


def test_a_correction_moves_the_beginning_of_the_stay(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, "z99_correction_admission", ADMITTED)
    assert stay["period"]["start"] == "2026-03-02T08:45:00+01:00"


def test_a_historic_movement_takes_its_place_in_time(intake: Intake, endpoint: MemoryEndpoint) -> None:
    told = [Said("A01", 1, hour=0, ward="4210"), Said("A02", 2, hour=9, ward="8782", recorded=540)]
    late = adt(Said("A02", 3, hour=4, ward="4220", recorded=700), "M3").replace(b"|INSERT|N|", b"|INSERT|Y|")
    take(intake, *(adt(one, f"M{one.number}") for one in told), late)
    (stay,) = endpoint.all("Encounter")
    assert [one["location"]["display"] for one in stay["location"]] == ["4210", "4220", "8782"]


def test_the_expected_day_of_discharge_follows_the_messages(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    stay = stay_after(message, intake, endpoint, ADMITTED, "a16_sortie_attendue", "a08_donnees_du_sejour")
    expected = [one["valueDate"] for one in stay["extension"] if one["url"].endswith("estimated-discharge-date")]
    assert expected == ["2026-03-10"]


def test_whom_to_tell_and_the_trusted_person_are_contacts(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, message("a28_identite"), message("a31_identite_modifiee"))
    (patient,) = endpoint.all("Patient")
    assert [one["name"]["family"] for one in patient["contact"]] == ["TEST-BŒUF", "TEST-ÉLOÏSE"]
    codes = [[coding["code"] for role in one["relationship"] for coding in role.get("coding", ())] for one in patient["contact"]]
    assert codes == [["C", "ECON"], ["NOK"]]
    assert "0699990009" in [one["value"] for one in patient["telecom"]]


class TestRefusal:
    """What cannot be: answered with the place, kept in the inbox, changing nothing."""

    @pytest.mark.parametrize(
        ("name", "old", "new", "place", "number"),
        [
            ("a13_annulation_sortie", b"ZBE|90002^CHU-EXEMPLE^339990012|", b"ZBE||", "ZBE^1^1", "101"),
            ("a13_annulation_sortie", b"||CANCEL|", b"||INSERT|", "ZBE^1^4", "103"),
            ("a13_annulation_sortie", b"|N|A03|", b"|N|A02|", "ZBE^1^6", "103"),
            ("a02_mutation", b"||INSERT|", b"||CANCEL|", "ZBE^1^4", "103"),
            ("z99_correction_admission", b"|N|A01|", b"|N||", "ZBE^1^6", "101"),
            ("z99_correction_admission", b"|N|A01|", b"|N|A99|", "ZBE^1^6", "103"),
            ("z99_correction_admission", b"||UPDATE|", b"||INSERT|", "ZBE^1^4", "103"),
        ],
    )
    def test_a_movement_that_contradicts_its_event(
        self, name: str, old: bytes, new: bytes, place: str, number: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        (reply,) = take(intake, message(name, (old, new)))
        err = Message.parse(reply).first("ERR")
        assert err is not None
        assert (acknowledgement_code(reply), err.field(2), err.text(3)) == ("AE", place, number)
        assert (endpoint.inbox.rows[0].status, endpoint.transactions) == ("failed", [])

    def test_a_discharge_before_the_admission_is_refused_and_counts_once_that_is_mended(
        self, intake: Intake, endpoint: MemoryEndpoint
    ) -> None:
        admission, discharge = Said("A01", 1, hour=9), Said("A03", 2, hour=3, recorded=600)
        mended = Said("A01", 1, "UPDATE", hour=1, recorded=700)
        replies = take(intake, adt(admission, "M1"), adt(discharge, "M2"), adt(mended, "M3"), adt(discharge, "M2"))
        assert [acknowledgement_code(one) for one in replies] == ["AA", "AE", "AA", "AA"]
        err = Message.parse(replies[1]).first("ERR")
        assert err is not None
        assert (err.field(2), err.text(3)) == ("ZBE^1^2", "102")
        assert endpoint.all("Encounter")[0]["status"] == "finished"

    @pytest.mark.parametrize("name", ["a12_annulation_mutation", "z99_correction_admission"])
    def test_what_never_was_is_cancelled_with_a_warning(self, name: str, message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
        (reply,) = take(intake, message(name))
        err = Message.parse(reply).first("ERR")
        assert err is not None
        assert (acknowledgement_code(reply), err.field(2), err.text(3), err.text(4)) == ("AA", "ZBE^1^1^^1", "204", "W")
        assert "no movement with this number was known" in (endpoint.inbox.rows[0].note or "")


ADMITTED_AT_TEN = b"^VN|||||||||||||||||||||||||20260302100000\r"
DISCHARGED_AT_ONE = b"^VN||||||||||||||||||||||||||20260302130000\r"


def test_a_corrected_time_of_an_admission_counts_though_the_admission_came_with_pv1_44(intake: Intake, endpoint: MemoryEndpoint) -> None:
    admission = adt(Said("A01", 1, hour=2), "M1").replace(b"^VN\r", ADMITTED_AT_TEN)
    take(intake, admission, adt(Said("A01", 1, "UPDATE", hour=1, recorded=5), "M2"))
    assert endpoint.all("Encounter")[0]["period"] == {"start": "2026-03-02T09:00:00+01:00"}


def test_a_corrected_time_of_a_discharge_counts_though_the_discharge_came_with_pv1_45(intake: Intake, endpoint: MemoryEndpoint) -> None:
    discharge = adt(Said("A03", 2, hour=5, recorded=10), "M2").replace(b"^VN\r", DISCHARGED_AT_ONE)
    take(intake, adt(Said("A01", 1), "M1"), discharge, adt(Said("A03", 2, "UPDATE", hour=9, recorded=20), "M3"))
    assert endpoint.all("Encounter")[0]["period"]["end"] == "2026-03-02T17:00:00+01:00"


def test_a_correction_that_tells_no_time_leaves_the_time(intake: Intake, endpoint: MemoryEndpoint) -> None:
    admission = adt(Said("A01", 1, hour=2), "M1").replace(b"^VN\r", ADMITTED_AT_TEN)
    corrected = adt(Said("A01", 1, "UPDATE", recorded=5, letter="E"), "M2").replace(b"|20260302080000||UPDATE", b"|||UPDATE")
    take(intake, admission, corrected)
    (stay,) = endpoint.all("Encounter")
    assert (stay["class"]["code"], stay["period"]["start"]) == ("EMER", "2026-03-02T10:00:00+01:00")


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize(
    "later", [Said("A02", 2, hour=5, ward="4220"), Said("A03", 2, hour=5, home=True), Said("A16", 2, hour=5), Said("A21", 2, hour=5)],
    ids=lambda said: said.event,
)  # fmt: skip
def test_a_stay_whose_admission_was_taken_back_never_was_whatever_else_was_told_of_it(
    later: Said, order: tuple[int, ...], intake: Intake, endpoint: MemoryEndpoint
) -> None:
    words = [adt(Said("A01", 1), "M1"), adt(later, "M2"), adt(Said("A01", 1, "CANCEL", recorded=9), "M3")]
    take(intake, *(words[at] for at in order))
    (stay,) = endpoint.all("Encounter")
    assert stay["status"] == "cancelled"
    assert "location" not in stay
    assert "dischargeDisposition" not in stay.get("hospitalization", {})


def test_another_admission_in_place_of_the_one_taken_back_keeps_what_came_after(intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, adt(Said("A01", 1), "M1"), adt(Said("A02", 2, hour=5, ward="4220"), "M2"), adt(Said("A01", 1, "CANCEL", recorded=9), "M3"))
    take(intake, adt(Said("A01", 3, hour=1, recorded=10, ward="4210"), "M4"))
    (stay,) = endpoint.all("Encounter")
    assert stay["status"] == "in-progress"
    assert [one["location"]["display"] for one in stay["location"]] == ["4210", "4220"]

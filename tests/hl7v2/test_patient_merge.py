"""ADT^A40 and A47: two records of one person, and another number for one, with nothing lost and everything undoable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.exchange.merge import unmerged
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.message import Message
from tests.hl7v2.stay_message import Said, adt
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
PRIOR, SURVIVOR = "700999", "700123"
WRONG_WAY = (
    (b"700123^^^CHU", b"700000^^^CHU"),
    (b"700999^^^CHU", b"700123^^^CHU"),
    (b"700000^^^CHU", b"700999^^^CHU"),
    (b"|M0040|", b"|M0041|"),
)


def take(intake: Intake, *messages: bytes) -> list[str]:
    async def run() -> list[bytes]:
        return [await intake.take(one) or b"" for one in messages]

    return [acknowledgement_code(one) for one in asyncio.run(run())]


def record(endpoint: MemoryEndpoint, number: str) -> dict[str, Any]:
    (found,) = (one for one in endpoint.all("Patient") if number in [each["value"] for each in one["identifier"]])
    return found


def links(patient: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["type"], one["other"]["reference"]) for one in patient.get("link", [])]


def without_ins(raw: bytes) -> bytes:
    return raw.replace(b"|VALI|", b"|PROV|")


@pytest.fixture
def two(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> MemoryEndpoint:
    """Two records; the one that will be given up has the INS and a stay."""
    under_prior = message("a01_admission", (b"700123^^^CHU", b"700999^^^CHU"))
    other = adt(Said("A04", 7, letter="O"), "M7", visit="26030007")
    assert take(intake, under_prior, other) == ["AA", "AA"]
    return endpoint


def test_the_record_given_up_points_at_the_one_that_stays(two: MemoryEndpoint, message: Read, intake: Intake) -> None:
    assert take(intake, message("a40_fusion")) == ["AA"]
    prior, survivor = record(two, PRIOR), record(two, SURVIVOR)
    assert (prior["active"], links(prior)) == (False, [("replaced-by", f"Patient/{survivor['id']}")])
    assert (survivor["active"], links(survivor)) == (True, [("replaces", f"Patient/{prior['id']}")])


def test_the_order_of_the_messages_does_not_matter(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    """The merge first: the number given up is known from then on, and finds its way."""
    late = adt(Said("A01", 7), "M7", visit="26030007", ipp=PRIOR)
    assert take(intake, message("a40_fusion"), late) == ["AA", "AA"]
    (stay,) = endpoint.all("Encounter")
    assert stay["subject"]["reference"] == f"Patient/{record(endpoint, SURVIVOR)['id']}"
    assert len(endpoint.all("Patient")) == 2


def test_what_comes_under_the_old_number_goes_to_the_record_that_stays(two: MemoryEndpoint, message: Read, intake: Intake) -> None:
    late = adt(Said("A01", 8), "M8", visit="26030008", ipp=PRIOR)
    assert take(intake, message("a40_fusion"), late) == ["AA", "AA"]
    subjects = {one["identifier"][0]["value"]: one["subject"]["reference"] for one in two.all("Encounter")}
    assert PRIOR not in [one["value"] for one in record(two, SURVIVOR)["identifier"]]
    assert subjects["26030008"] == f"Patient/{record(two, SURVIVOR)['id']}"


def test_a_stay_of_the_record_given_up_goes_on_and_still_resolves(two: MemoryEndpoint, message: Read, intake: Intake) -> None:
    assert take(intake, message("a40_fusion"), message("a03_sortie_domicile")) == ["AA", "AA"]
    (stay,) = (one for one in two.all("Encounter") if one["status"] == "finished")
    assert stay["subject"]["reference"] == f"Patient/{record(two, PRIOR)['id']}"


def test_a_merge_told_twice_changes_nothing(two: MemoryEndpoint, message: Read, intake: Intake) -> None:
    take(intake, message("a40_fusion"))
    before = dict(two.resources)
    assert take(intake, message("a40_fusion", (b"|M0040|", b"|M0042|"))) == ["AA"]
    assert two.resources == before


def test_a_merge_is_undone_by_taking_the_links_away(two: MemoryEndpoint, message: Read, intake: Intake) -> None:
    before = {number: {**record(two, number), "meta": None} for number in (PRIOR, SURVIVOR)}
    take(intake, message("a40_fusion", (b"~240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105", b"")))
    asyncio.run(two.transaction(unmerged(record(two, SURVIVOR), record(two, PRIOR))))
    after = {number: {**record(two, number), "meta": None} for number in (PRIOR, SURVIVOR)}
    assert after[PRIOR] == before[PRIOR]
    assert "link" not in after[SURVIVOR]
    late = adt(Said("A01", 8), "M8", visit="26030008", ipp=PRIOR)
    assert take(intake, late) == ["AA"]
    assert two.all("Encounter")[-1]["subject"]["reference"] == f"Patient/{record(two, PRIOR)['id']}"


@pytest.mark.parametrize(
    "replaced",
    [
        WRONG_WAY,
        (
            (b"700123^^^CHU", b"700555^^^CHU"),
            (b"~240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105", b""),
            (b"|M0040|", b"|M0043|"),
        ),
        ((b"700999^^^CHU", b"700123^^^CHU"), (b"|M0040|", b"|M0044|")),
    ],
    ids=["a loop", "into a third", "into itself"],
)
def test_what_would_go_round_in_circles_is_refused(
    replaced: tuple[tuple[bytes, bytes], ...], two: MemoryEndpoint, message: Read, intake: Intake
) -> None:
    take(intake, message("a40_fusion"))
    before = dict(two.resources)

    async def run() -> bytes:
        return await intake.take(message("a40_fusion", *replaced)) or b""

    reply = Message.parse(asyncio.run(run()))
    assert (reply.text("MSA", 1), reply.first("ERR").field(2), reply.text("ERR", 3)) == ("AE", "MRG^1^1", "204")  # type: ignore[union-attr]
    assert two.resources == before
    assert two.inbox.rows[-1].status == "failed"


def test_another_number_for_a_person_leaves_the_old_one_findable(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    old = adt(Said("A01", 1), "M1", ipp="700122")
    late = adt(Said("A01", 8), "M8", visit="26030008", ipp="700122")
    assert take(intake, old, message("a47_changement_ipp"), late) == ["AA"] * 3
    (patient,) = endpoint.all("Patient")
    numbers = {one["value"]: one["use"] for one in patient["identifier"] if one["value"].startswith("7001")}
    assert numbers == {"700122": "old", "700123": "usual"}
    assert len(endpoint.all("Encounter")) == 2


def test_a_number_that_is_another_patients_is_a_merge_and_refused(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    two_patients = [adt(Said("A01", 1), "M1", ipp="700122"), adt(Said("A01", 2), "M2", visit="26030002", ipp=SURVIVOR)]
    assert take(intake, *two_patients, message("a47_changement_ipp")) == ["AA", "AA", "AE"]
    assert len(endpoint.all("Patient")) == 2

"""What a stay opens when software writes it in FHIR: the same as when a hospital tells it by HL7 v2, and both together once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from fhir_server.assembly import Parts
from fhir_server.coordination.reconcile import Reason
from fhir_server.search.sight.marks import TENANT_SYSTEM
from tests.exchange.test_stays_are_told import calls, change, follow, told
from tests.exchange.test_with_server import hospital

Read = Callable[..., bytes]
Sender = Callable[[bytes], Any]
HOME = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/discharge-disposition", "code": "home"}]}
VISIT = {"system": "https://example.org/visits", "value": "V1"}
DAY = timedelta(days=1)

__all__ = ["hospital"]


def stay(patient: str, ended: timedelta | None = DAY, **elements: Any) -> dict[str, Any]:
    """A stay that ended at home so long ago; None: it goes on."""
    class_ = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    written = {"resourceType": "Encounter", "class": class_, "identifier": [VISIT], "subject": {"reference": patient}}
    if ended is None:
        return {**written, "status": "in-progress", **elements}
    end = (datetime.now(UTC) - ended).isoformat(timespec="seconds")
    return {**written, "status": "finished", "period": {"end": end}, "hospitalization": {"dischargeDisposition": HOME}, **elements}


async def person(parts: Parts, sender: Sender, message: Read) -> str:
    """A followed person with a general practitioner, as HL7 v2 made her."""
    await sender(message("a28_identite"))
    await sender(message("a01_admission", (b"26030001^", b"26030042^")))
    await follow(parts)
    await sender(message("a11_annulation_admission", (b"26030001^", b"26030042^")))
    (patient,) = await parts.endpoint.search("Patient", [])
    return f"Patient/{patient['id']}"


async def opened(parts: Parts) -> tuple[list[str], dict[str, str]]:
    """The calls, and the notices of the stay V1."""
    notices = await parts.endpoint.search("Communication", [])
    of_stay = [one for one in notices if "#V1#" in one["identifier"][0]["value"]]
    return await calls(parts), {one["identifier"][0]["value"].rsplit("#", 1)[1]: one["status"] for one in of_stay}


@pytest.mark.parametrize("way", ["create", "update", "transaction"])
def test_a_discharge_in_fhir_opens_the_call_and_tells_the_general_practitioner(
    way: str, hospital: Callable[..., Any], message: Read
) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        written = stay(await person(parts, sender, message))
        if way == "create":
            await parts.interactions.create("Encounter", written)
        elif way == "update":
            await parts.interactions.update("Encounter", "e", {**written, "id": "e"})
        else:
            entry = {"fullUrl": "urn:uuid:5b0b6c0e-6c1b-4e0e-9b5f-7a1f6f1f0c12", "resource": written}
            entry["request"] = {"method": "POST", "url": "Encounter"}
            response = await parts.interactions.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
            assert len(response["entry"]) == 1
        assert await opened(parts) == (["requested"], {"discharge": "preparation"})

    hospital(scene)


def test_what_is_taken_back_in_fhir_is_taken_back_and_opens_again(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        patient, seen = await person(parts, sender, message), []
        for ended in (DAY, None, DAY):
            await parts.interactions.update("Encounter", "e", {**stay(patient, ended), "id": "e"})
            seen.append(await opened(parts))
        going_on = (["cancelled"], {"discharge": "not-done", "admission": "preparation"})
        assert seen[:2] == [(["requested"], {"discharge": "preparation"}), going_on]
        assert seen[2] == (["requested"], {"discharge": "preparation", "admission": "not-done"})

    hospital(scene)


def test_a_stay_that_comes_by_both_ways_opens_everything_once(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await sender(message("a03_sortie_domicile"))
        before = {one["id"]: one["meta"]["versionId"] for one in await parts.endpoint.search("Communication", [])}
        (there,) = await parts.endpoint.search("Encounter", [])
        await parts.interactions.update("Encounter", there["id"], {**there, "priority": {"text": "urgent"}})
        assert acknowledgement_code(await sender(message("a08_donnees_du_sejour"))) == "AA"
        other = {
            name: there[name] for name in ("resourceType", "class", "status", "subject", "period", "hospitalization", "serviceProvider")
        }
        await parts.interactions.create("Encounter", {**other, "identifier": [VISIT, *there["identifier"]]})
        assert await calls(parts) == ["requested"]
        assert {one["id"]: one["meta"]["versionId"] for one in await parts.endpoint.search("Communication", [])} == before

    hospital(scene)


def test_what_ended_long_ago_and_is_brought_in_opens_nothing_and_may_still_take_back(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        patient = await person(parts, sender, message)
        await parts.interactions.update("Encounter", "e", {**stay(patient, 40 * DAY), "id": "e"})
        assert await opened(parts) == ([], {})
        await parts.interactions.update("Encounter", "e", {**stay(patient), "id": "e"})
        assert await opened(parts) == (["requested"], {"discharge": "preparation"})
        corrected = stay(patient, 40 * DAY, id="e", status="entered-in-error")
        await parts.interactions.update("Encounter", "e", corrected)
        assert await opened(parts) == (["cancelled"], {"discharge": "not-done"})

    hospital(scene)


def test_what_a_stay_opens_belongs_to_whom_the_stay_belongs_to(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        patient, meta = await person(parts, sender, message), {"tag": [{"system": "https://example.org/of", "code": "us"}]}
        await parts.interactions.create("Encounter", stay(patient, meta=meta))
        for type_name in ("Task", "Communication"):
            (made,) = (one for one in await parts.endpoint.search(type_name, []) if "V1" in one["identifier"][0]["value"])
            assert made["meta"]["tag"] == meta["tag"]

    hospital(scene)


@pytest.mark.parametrize("by", ["fhir", "the cancelled discharge"])
def test_a_death_taken_back_reopens_the_calls_of_all_stays_at_once(by: str, hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await sender(message("a03_sortie_domicile"))
        before = await told(parts)
        if by == "fhir":
            await change(parts, "Patient", deceasedBoolean=True)
        else:
            again = ((b"26030001^", b"26030099^"), (b"90002^CHU", b"90099^CHU"))
            died = message("a03_sortie_domicile", *again, (b"ZFM|8|8|5|D", b"ZFM|8|9"))
            assert acknowledgement_code(await sender(died)) == "AA"
        (call,) = await parts.endpoint.search("Task", [])
        assert (call["status"], call["statusReason"]) == ("cancelled", Reason.DIED.concept)
        if by == "fhir":
            await change(parts, "Patient", deceasedBoolean=False)
            assert await told(parts) == before
        else:
            assert acknowledgement_code(await sender(message("a13_annulation_sortie", *again))) == "AA"
            (patient,) = await parts.endpoint.search("Patient", [])
            assert patient["deceasedBoolean"] is False
        (call,) = await parts.endpoint.search("Task", [])
        assert (call["status"], call.get("statusReason")) == ("requested", None)

    hospital(scene)


async def somebody_else(parts: Parts, patient: str) -> str:
    """Another person with a general practitioner and a care team of her own."""
    known = await parts.endpoint.read("Patient", patient.removeprefix("Patient/")) or {}
    other = {"resourceType": "Patient", "id": "other", "generalPractitioner": known["generalPractitioner"]}
    await parts.interactions.update("Patient", "other", other)
    (team,) = await parts.endpoint.search("CareTeam", [])
    await parts.interactions.update("CareTeam", "others", {**team, "id": "others", "subject": {"reference": "Patient/other"}})
    return "Patient/other"


def test_who_numbers_as_another_does_takes_nothing_back_of_another_person(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        patient = await person(parts, sender, message)
        other = await somebody_else(parts, patient)
        await parts.interactions.update("Encounter", "e", {**stay(patient), "id": "e"})
        before = [await parts.endpoint.search(type_name, [("patient", patient)]) for type_name in ("Task", "Communication")]
        await parts.interactions.update("Encounter", "f", {**stay(other), "id": "f"})
        assert [await parts.endpoint.search(name, [("patient", patient)]) for name in ("Task", "Communication")] == before
        assert len(await parts.endpoint.search("Task", [("patient", other)])) == 1
        await parts.interactions.update("Encounter", "f", {**stay(other, None), "id": "f"})
        assert [await parts.endpoint.search(name, [("patient", patient)]) for name in ("Task", "Communication")] == before
        assert [one["status"] for one in await parts.endpoint.search("Task", [("patient", other)])] == ["cancelled"]

    hospital(scene)


def test_a_stay_that_gets_its_number_later_opens_nothing_twice(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        written = {**stay(await person(parts, sender, message)), "id": "e"}
        await parts.interactions.update("Encounter", "e", {name: value for name, value in written.items() if name != "identifier"})
        assert await calls(parts) == ["requested"]
        notices = len(await parts.endpoint.search("Communication", []))
        await parts.interactions.update("Encounter", "e", written)
        assert await calls(parts) == ["requested"]
        assert len(await parts.endpoint.search("Communication", [])) == notices

    hospital(scene)


def test_what_is_deleted_with_the_stay_that_opened_it_stays_deleted(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        written = {**stay(await person(parts, sender, message)), "id": "e"}
        await parts.interactions.update("Encounter", "e", written)
        (call,) = await parts.endpoint.search("Task", [])
        entries = [
            {"resource": {**written, "status": "in-progress"}, "request": {"method": "PUT", "url": "Encounter/e"}},
            {"request": {"method": "DELETE", "url": f"Task/{call['id']}"}},
        ]
        await parts.interactions.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert await calls(parts) == []

    hospital(scene)


def of_tenant(code: str) -> dict[str, Any]:
    """`meta` of what is kept for a tenant."""
    return {"tag": [{"system": TENANT_SYSTEM, "code": code}]}


@pytest.mark.parametrize("by", ["stay", "link", "death"])
def test_what_is_kept_for_one_tenant_touches_and_tells_nothing_of_anothers_person(
    by: str, hospital: Callable[..., Any], message: Read
) -> None:
    async def scene(parts: Parts, sender: Sender) -> None:
        patient = await person(parts, sender, message)
        await change(parts, "Patient", meta=of_tenant("ours"))
        await parts.interactions.update("Encounter", "e", {**stay(patient), "id": "e", "meta": of_tenant("ours")})
        before = await opened(parts)
        assert before == (["requested"], {"discharge": "preparation"})
        subject = patient
        if by != "stay":
            subject, link = "Patient/theirs", [{"other": {"reference": patient}, "type": "seealso"}]
            neighbour = {"resourceType": "Patient", "id": "theirs", "meta": of_tenant("theirs"), "link": link}
            await parts.interactions.update("Patient", "theirs", {**neighbour, "deceasedBoolean": by == "death"})
        for ended in (DAY, None):
            await parts.interactions.update("Encounter", "f", {**stay(subject, ended), "id": "f", "meta": of_tenant("theirs")})
            assert await opened(parts) == before

    hospital(scene)

"""What a stay of a followed person opens, and what its cancellation takes back; what is opened of anyone else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from fhir_server.assembly import Parts
from fhir_server.coordination.reconcile import Reason
from tests.exchange.test_with_server import hospital

Read = Callable[..., bytes]
Scene = Callable[[Parts, Callable[[bytes], Any]], Any]
COMMUNICATION = "https://passerelle.care/fhir/StructureDefinition/passerelle-communication"

__all__ = ["hospital"]


async def write(parts: Parts, resource: dict[str, Any]) -> None:
    entry = {"fullUrl": "urn:uuid:5b0b6c0e-6c1b-4e0e-9b5f-7a1f6f1f0c11", "resource": resource}
    entry["request"] = {"method": "POST", "url": resource["resourceType"]}
    await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})


async def follow(parts: Parts) -> None:
    (patient,) = await parts.endpoint.search("Patient", [])
    (provider,) = await parts.endpoint.search("Organization", [])
    team = {"resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient['id']}"}}
    await write(parts, {**team, "managingOrganization": [{"reference": f"Organization/{provider['id']}"}]})


async def told(parts: Parts) -> dict[str, str]:
    """The status of each notice, by what it is about."""
    found = await parts.endpoint.search("Communication", [])
    return {one["identifier"][0]["value"].rsplit("#", 1)[1]: one["status"] for one in found}


async def calls(parts: Parts) -> list[str]:
    return [one["status"] for one in await parts.endpoint.search("Task", [])]


def test_an_admission_of_a_followed_person_is_told_at_once_and_a_cancelled_one_taken_back(
    hospital: Callable[..., Any], message: Read
) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite"))
        await follow(parts)
        await sender(message("a01_admission"))
        assert await told(parts) == {"admission": "preparation", "expected-discharge": "preparation"}
        for one in await parts.endpoint.search("Communication", []):
            outcome = await parts.endpoint.validate(one, COMMUNICATION)
            assert not [issue for issue in outcome["issue"] if issue["severity"] in ("error", "fatal")]
        await sender(message("a11_annulation_admission"))
        assert await told(parts) == {"admission": "not-done", "expected-discharge": "not-done"}

    hospital(scene)


def test_a_cancelled_discharge_takes_its_call_back_and_another_opens_it_again(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        seen = []
        for name, number in (("a03_sortie_domicile", b"90002"), ("a13_annulation_sortie", b"90002"), ("a03_sortie_domicile", b"90003")):
            raw = message(name, (b"90002^CHU", number + b"^CHU"))
            assert acknowledgement_code(await sender(raw)) == "AA"
            seen.append((await calls(parts), (await told(parts))["discharge"]))
        assert seen == [(["requested"], "preparation"), (["cancelled"], "not-done"), (["requested"], "preparation")]

    hospital(scene)


def test_a_call_that_was_made_is_not_taken_back(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await sender(message("a03_sortie_domicile"))
        (task,) = await parts.endpoint.search("Task", [])
        entry = {"fullUrl": f"Task/{task['id']}", "resource": {**task, "status": "completed"}}
        entry["request"] = {"method": "PUT", "url": f"Task/{task['id']}"}
        await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
        await sender(message("a13_annulation_sortie"))
        assert await calls(parts) == ["completed"]

    hospital(scene)


async def change(parts: Parts, type_name: str, **elements: Any) -> None:
    """Change the only resource of a type."""
    (there,) = await parts.endpoint.search(type_name, [])
    entry: dict[str, Any] = {"fullUrl": f"{type_name}/{there['id']}", "resource": {**there, **elements}}
    entry["request"] = {"method": "PUT", "url": f"{type_name}/{there['id']}"}
    await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})


def test_a_call_and_the_notices_stay_when_the_team_ends(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await sender(message("a03_sortie_domicile"))
        before = await told(parts)
        await change(parts, "CareTeam", period={"start": "2020-01-01", "end": "2020-12-31"})
        assert acknowledgement_code(await sender(message("a08_donnees_du_sejour"))) == "AA"
        assert await calls(parts) == ["requested"]
        assert await told(parts) == {**before, "screening": "preparation"}
        await sender(message("a13_annulation_sortie"))
        (call,) = await parts.endpoint.search("Task", [])
        assert (call["status"], call["statusReason"]) == ("cancelled", Reason.MOVEMENT.concept)

    hospital(scene)


def test_a_team_whose_end_is_to_come_still_follows(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await change(parts, "CareTeam", period={"start": "2020-01-01", "end": "2999-12-31"})
        await sender(message("a03_sortie_domicile"))
        assert await calls(parts) == ["requested"]

    hospital(scene)


@pytest.mark.parametrize("by", ["another stay", "the identity"])
def test_a_death_withdraws_the_calls_of_earlier_stays_and_says_so(by: str, hospital: Callable[..., Any], message: Read) -> None:
    telling = {
        "another stay": ("a03_sortie_domicile", (b"26030001^", b"26030099^"), (b"90002^CHU", b"90099^CHU"), (b"ZFM|8|8|5|D", b"ZFM|8|9")),
        "the identity": ("a31_identite_modifiee", (b"|N||VALI|", b"|Y||VALI|")),
    }

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        await follow(parts)
        await sender(message("a03_sortie_domicile"))
        assert acknowledgement_code(await sender(message(*telling[by]))) == "AA"
        (call,) = await parts.endpoint.search("Task", [])
        assert (call["status"], call["statusReason"]) == ("cancelled", Reason.DIED.concept)
        assert acknowledgement_code(await sender(message("a08_donnees_du_sejour", (b"|N||VALI|", b"|Y||VALI|")))) == "AA"
        assert await calls(parts) == ["cancelled"]

    hospital(scene)


def test_of_anyone_else_the_general_practitioner_is_told_and_a_screening_proposed(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a03_sortie_domicile"))
        assert await told(parts) == {"discharge": "preparation", "screening": "preparation"}
        assert await calls(parts) == []

    hospital(scene)


def test_an_outpatient_visit_is_nobodys_news(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite"))
        await follow(parts)
        await sender(message("a04_consultation"))
        assert await told(parts) == {}

    hospital(scene)


def test_who_follows_the_other_record_of_a_merged_person_is_told(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite", (b"700123^^^CHU", b"700999^^^CHU")))
        await follow(parts)
        await sender(message("a40_fusion"))
        await sender(message("a01_admission"))
        assert (await told(parts))["admission"] == "preparation"

    hospital(scene)


async def team_without_a_coordinator(parts: Parts) -> None:
    (patient,) = await parts.endpoint.search("Patient", [])
    await write(parts, {"resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient['id']}"}})


async def episode(parts: Parts) -> dict[str, Any]:
    """An episode of care that names its coordinator."""
    (patient,) = await parts.endpoint.search("Patient", [])
    (provider,) = await parts.endpoint.search("Organization", [])
    manager = {"reference": f"Organization/{provider['id']}"}
    await write(
        parts,
        {
            "resourceType": "EpisodeOfCare",
            "status": "active",
            "patient": {"reference": f"Patient/{patient['id']}"},
            "managingOrganization": manager,
        },
    )
    return manager


def test_a_team_without_a_coordinator_does_not_hide_the_one_that_the_episode_names(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite"))
        await team_without_a_coordinator(parts)
        manager = await episode(parts)
        await sender(message("a01_admission"))
        assert (await told(parts))["admission"] == "preparation"
        await sender(message("a03_sortie_domicile"))
        (task,) = await parts.endpoint.search("Task", [])
        assert task["owner"] == manager

    hospital(scene)


def test_an_outpatient_visit_that_ends_opens_no_call(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite"))
        await follow(parts)
        assert acknowledgement_code(await sender(message("a03_sortie_domicile", (b"PV1|1|I|", b"PV1|1|O|")))) == "AA"
        assert await calls(parts) == []
        assert await told(parts) == {}

    hospital(scene)


def test_a_stay_that_becomes_an_outpatient_visit_takes_its_notices_back(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a28_identite"))
        await follow(parts)
        await sender(message("a01_admission"))
        assert (await told(parts))["admission"] == "preparation"
        assert acknowledgement_code(await sender(message("a07_vers_externe"))) == "AA"
        assert (await told(parts))["admission"] == "not-done"

    hospital(scene)


@pytest.mark.parametrize(
    ("name", "of_the_doctor", "of_the_coordinator"),
    [
        ("a03_deces", "Décès de votre patient à l’hôpital.", "Décès d’une personne que vous suivez à l’hôpital."),
        ("a03_sortie_ehpad", "a quitté l’hôpital pour un établissement médico-social.", "pour un établissement médico-social."),
        ("a03_sortie_ssr", "pour des soins de suite et de réadaptation.", "pour des soins de suite et de réadaptation."),
        ("a03_contre_avis", None, "contre avis médical."),
        ("a03_sans_destination", None, "Une personne que vous suivez a quitté l’hôpital."),
        ("a03_sortie_domicile", "\u202f: retour à domicile.", None),
        ("a03_sortie_had", "\u202f: hospitalisation à domicile.", None),
    ],
)
def test_a_discharge_says_where_the_person_went_and_is_told_to_the_coordinator_where_no_call_is_opened(
    name: str, of_the_doctor: str | None, of_the_coordinator: str | None, hospital: Callable[..., Any], message: Read
) -> None:
    """None: nobody is told; two of the persons have no general practitioner."""

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message(name, (b"ADT^A03^ADT_A03", b"ADT^A28^ADT_A05"), (b"|M0", b"|P0")))
        await follow(parts)
        await sender(message(name))
        words = {
            one["identifier"][0]["value"].rsplit("#", 1)[1]: one["payload"][0]["contentString"].split(" / ")[0]
            for one in await parts.endpoint.search("Communication", [])
        }
        expected = {"discharge": of_the_doctor, "departure": of_the_coordinator}
        assert words.keys() == {notice for notice, end in expected.items() if end}
        assert all(said.endswith(str(expected[notice])) for notice, said in words.items())
        assert bool(await calls(parts)) is (of_the_coordinator is None)

    hospital(scene)


AGREED = {"url": "https://passerelle.care/fhir/StructureDefinition/agreement"}


def agreement(outcome: str) -> dict[str, Any]:
    return {**AGREED, "extension": [{"url": "party", "valueCode": "person"}, {"url": "outcome", "valueCode": outcome}]}


@pytest.mark.parametrize(
    ("outcome", "status", "opened"),
    [("agreed", "accepted", True), ("refused", "accepted", False), ("asked", "requested", False), ("agreed", "rejected", False)],
)
def test_a_person_who_agreed_to_a_wards_request_is_called_after_discharge_and_no_screening_is_proposed(
    outcome: str, status: str, opened: bool, hospital: Callable[..., Any], message: Read
) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        (patient,) = await parts.endpoint.search("Patient", [])
        (provider,) = await parts.endpoint.search("Organization", [])
        request = {"resourceType": "Task", "extension": [agreement(outcome)], "status": status, "intent": "order"}
        request["code"] = {"coding": [{"system": "https://passerelle.care/fhir/CodeSystem/coordination-task", "code": "ward-request"}]}
        request |= {"for": {"reference": f"Patient/{patient['id']}"}, "owner": {"reference": f"Organization/{provider['id']}"}}
        await write(parts, request)
        await sender(message("a03_sortie_domicile"))
        made = [one for one in await parts.endpoint.search("Task", []) if one["code"]["coding"][0]["code"] == "discharge-follow-up"]
        assert [one["owner"] for one in made] == ([request["owner"]] if opened else [])
        assert ("screening" in await told(parts)) is not opened

    hospital(scene)


def test_a_person_who_was_referred_and_agreed_is_called_after_discharge(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        (patient,) = await parts.endpoint.search("Patient", [])
        (provider,) = await parts.endpoint.search("Organization", [])
        asked = [{"reference": f"Organization/{provider['id']}"}]
        referral = {"resourceType": "ServiceRequest", "extension": [agreement("agreed")], "status": "active", "intent": "order"}
        await write(parts, {**referral, "subject": {"reference": f"Patient/{patient['id']}"}, "performer": asked})
        await sender(message("a03_sortie_domicile"))
        (task,) = await parts.endpoint.search("Task", [])
        assert task["owner"] == asked[0]

    hospital(scene)

"""What a stay of a followed person opens, and what its cancellation takes back; what is opened of anyone else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.hl7v2.acknowledgement import acknowledgement_code
from fhir_server.assembly import Parts
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

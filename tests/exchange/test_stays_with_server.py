"""A whole stay and a merge against the real server in process: its searches, its validator, our profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.exchange.merge import unmerged
from adapters.hl7v2.acknowledgement import acknowledgement_code
from fhir_server.assembly import Parts
from fhir_server.model.json_format import encode_json
from tests.exchange.test_with_server import hospital

Read = Callable[..., bytes]
STAY = "https://passerelle.care/fhir/StructureDefinition/passerelle-encounter-stay"
INS = "https://passerelle.care/fhir/StructureDefinition/passerelle-patient-ins"
WHOLE = (
    "a28_identite",
    "a05_preadmission",
    "a01_admission",
    "a02_mutation",
    "a21_permission",
    "a22_retour_permission",
    "a54_changement_medecin",
    "z99_correction_admission",
    "a03_sortie_domicile",
    "a13_annulation_sortie",
)

__all__ = ["hospital"]


async def errors(parts: Parts, resource: dict[str, Any], profile: str | None = None) -> list[str]:
    outcome = await parts.endpoint.validate(resource, profile)
    return [encode_json(one).decode() for one in outcome["issue"] if one["severity"] in ("error", "fatal")]


def test_a_whole_stay_is_valid_after_each_of_its_messages(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        for name in WHOLE:
            assert acknowledgement_code(await sender(message(name))) == "AA", name
            for stay in await parts.endpoint.search("Encounter", []):
                assert await errors(parts, stay, STAY) == [], name
            (patient,) = await parts.endpoint.search("Patient", [])
            assert await errors(parts, patient, INS) == [], name

    hospital(scene)


def test_a_merge_is_valid_and_its_references_resolve(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission", (b"700123^^^CHU", b"700999^^^CHU")))
        for name in ("a40_fusion", "a03_sortie_domicile"):
            assert acknowledgement_code(await sender(message(name))) == "AA"
        patients = {one["active"]: one for one in await parts.endpoint.search("Patient", [])}
        (stay,) = await parts.endpoint.search("Encounter", [])
        assert stay["subject"]["reference"] == f"Patient/{patients[False]['id']}"
        assert [await errors(parts, one) for one in (*patients.values(), stay)] == [[], [], []]
        await parts.endpoint.transaction(unmerged(patients[True], patients[False]))
        assert all(one["active"] and "link" not in one for one in await parts.endpoint.search("Patient", []))

    hospital(scene)

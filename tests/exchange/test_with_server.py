"""The hospital's messages against the real server in process: its transaction rules, its searches, its inbox, on both stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import send
from adapters.hl7v2.listener import hl7v2_listener
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import StoreInbox
from fhir_server.model.inbox_reference import INBOX_SYSTEM, SENDER_SYSTEM
from fhir_server.model.json_format import encode_json
from fhir_server.rights.dossier import dossier
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store
from tests.patience import PATIENCE

Read = Callable[..., bytes]
INS = "urn:oid:1.2.250.1.213.1.4.10|240053399901230"


@pytest.fixture
def hospital(tmp_path: Path, database_url: str, definitions: Definitions) -> Callable[..., Any]:
    """`hospital(lambda parts, sender: ...)`: run a scene against a server on a store of its own (kept between scenes of a test)."""

    @asynccontextmanager
    async def open_() -> AsyncIterator[tuple[Parts, Callable[[bytes], Any]]]:
        store = await open_store(database_url)
        parts = put_together(definitions, store, Settings(data=tmp_path))
        async with hl7v2_listener(parts.endpoint, StoreInbox(store.inbox), port=0) as server:
            yield parts, lambda raw: send(raw, port=server.port)
        await store.close()

    def run(scene: Callable[[Parts, Callable[[bytes], Any]], Any]) -> Any:
        async def main() -> Any:
            async with open_() as (parts, sender):
                return await scene(parts, sender)

        return asyncio.run(main())

    return run


async def states(parts: Parts) -> dict[str, str]:
    """What the server has, by reference, with versions."""
    found: dict[str, str] = {}
    for type_name in ("Patient", "Encounter", "Practitioner", "Organization", "Location", "Task"):
        for one in await parts.endpoint.search(type_name, []):
            found[f"{type_name}/{one['id']}"] = one["meta"]["versionId"]
    return found


def test_an_admission_and_its_discharge_become_one_finished_stay(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        for name in ("a01_admission", "a03_sortie_domicile"):
            assert acknowledgement_code(await sender(message(name))) == "AA"
        (patient,) = await parts.endpoint.search("Patient", [("identifier", INS)])
        (stay,) = await parts.endpoint.search("Encounter", [("subject", f"Patient/{patient['id']}")])
        assert stay["status"] == "finished"
        assert patient["generalPractitioner"][0]["reference"].startswith("Practitioner/")
        assert await parts.endpoint.search("Task", []) == []

    hospital(scene)


def test_two_senders_who_tell_of_a_new_stay_at_once_are_both_heard(hospital: Callable[..., Any], message: Read) -> None:
    """What the second tells must not be passed over because the first has made the stay a moment before."""
    other = (b"|DPI-EXEMPLE|", b"|BLOC-EXEMPLE|")

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        admission, discharge = message("a01_admission"), message("a03_sortie_domicile").replace(*other)
        answers = await asyncio.gather(sender(admission), sender(discharge))
        assert [acknowledgement_code(one) for one in answers] == ["AA", "AA"]
        (stay,) = await parts.endpoint.search("Encounter", [])
        assert stay["status"] == "finished"
        assert "start" in stay["period"]

    hospital(scene)


def test_persons_of_one_message_with_one_number_stay_several(hospital: Callable[..., Any], message: Read) -> None:
    """Three named persons share one RPPS in an official discharge letter (LDL-SES); so they may in one message, sent twice."""

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        doctor = "10199900027^LEFÈVRE-FICTIF^Loïc^^^Dr^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS".encode()
        both = doctor + b"~" + doctor.replace("LEFÈVRE".encode(), b"AUGUIN")
        raw = message("a01_admission").replace("10199900019^GÉRARD".encode(), b"10199900027^BOILEAU").replace(doctor, both)
        for control in (b"|M0001|", b"|M0991|"):
            assert acknowledgement_code(await sender(raw.replace(b"|M0001|", control))) == "AA"
        found = await parts.endpoint.search("Practitioner", [("identifier", "https://rpps.esante.gouv.fr|10199900027")])
        assert sorted(one["name"][0]["family"] for one in found) == ["AUGUIN-FICTIF", "BOILEAU-TESTEUR", "LEFÈVRE-FICTIF"]

    hospital(scene)


def test_a_repeat_changes_nothing(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        names = ("a01_admission", "a03_sortie_domicile", "a03_sortie_ehpad")
        answers = [await sender(message(name)) for name in names]
        before = await states(parts)
        assert [await sender(message(name)) for name in names] == answers
        assert await states(parts) == before
        again = [await sender(message(name).replace(b"|M000", b"|M900")) for name in names]
        assert [acknowledgement_code(one) for one in again] == ["AA"] * 3
        assert await states(parts) == before

    hospital(scene)


@pytest.mark.parametrize(("name", "tasks"), [("a03_sortie_domicile", 1), ("a03_sans_destination", 0)])
def test_a_followed_person_who_goes_home_is_followed_up(name: str, tasks: int, hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        admission = (
            message("a01_admission") if tasks else message("a03_sans_destination").replace(b"A03", b"A01").replace(b"|90008^", b"|1^")
        )
        await sender(admission)
        (patient,) = await parts.endpoint.search("Patient", [])
        team = {"resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient['id']}"}}
        entry = {
            "fullUrl": "urn:uuid:5b0b6c0e-6c1b-4e0e-9b5f-7a1f6f1f0c11",
            "resource": team,
            "request": {"method": "POST", "url": "CareTeam"},
        }
        await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
        for _ in range(2):
            assert acknowledgement_code(await sender(message(name))) == "AA"
        assert len(await parts.endpoint.search("Task", [])) == tasks

    hospital(scene)


def test_what_is_made_is_valid_fhir(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        for name in ("a01_admission", "a03_sortie_domicile", "a03_sortie_ehpad", "a03_sortie_had", "a03_deces", "a03_contre_avis"):
            await sender(message(name))
        for reference in await states(parts):
            resource = await parts.endpoint.read(*reference.split("/"))
            outcome = await parts.endpoint.validate(resource or {})
            assert not [one for one in outcome["issue"] if one["severity"] in ("error", "fatal")], encode_json(outcome)

    hospital(scene)


def test_a_message_that_was_kept_and_not_finished_is_finished_at_the_next_start(
    hospital: Callable[..., Any], message: Read, database_url: str
) -> None:
    async def crash() -> None:
        store = await open_store(database_url)
        await store.inbox.receive("hl7v2", "DPI-EXEMPLE|CHU-EXEMPLE", "M0001", message("a01_admission"), 1)
        await store.close()

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while await parts.store.inbox.find("received", 1):  # noqa: ASYNC110 - it is finished beside what comes new, and tells nobody
                await asyncio.sleep(0.01)
        assert len(await parts.endpoint.search("Encounter", [])) == 1

    asyncio.run(crash())
    hospital(scene)


@pytest.mark.conformance
def test_the_official_samples_are_stored_and_acknowledged(hospital: Callable[..., Any], test_data: Path) -> None:
    folder = test_data / "hl7v2-fr"
    files = [folder / "sgl/admission.er7", folder / "sgl/sortie.er7", *sorted((folder / "consentement").glob("*.er7"))]

    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        assert [acknowledgement_code(await sender(file.read_bytes())) for file in files] == ["AA"] * 7
        before = await states(parts)
        assert sum(reference.startswith("Encounter/") for reference in before) == 5
        assert [acknowledgement_code(await sender(file.read_bytes())) for file in files] == ["AA"] * 7
        assert await states(parts) == before

    hospital(scene)


def test_what_a_message_changed_says_who_sent_it_and_where_it_is_kept(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        for _ in range(2):
            await sender(message("a01_admission"))
        (provenance,) = await parts.endpoint.search("Provenance", [])
        (row,) = await parts.store.inbox.find("processed")
        assert provenance["entity"][0]["what"]["identifier"] == {"system": INBOX_SYSTEM, "value": str(row.number)}
        assert provenance["agent"][0]["who"]["identifier"] == {"system": SENDER_SYSTEM, "value": row.sender}
        targets = {one["reference"] for one in provenance["target"]}
        assert targets == set(await states(parts)), "everything that is there came with this message"
        outcome = await parts.endpoint.validate(provenance)
        assert not [one for one in outcome["issue"] if one["severity"] in ("error", "fatal")], encode_json(outcome)

    hospital(scene)


def test_a_message_that_was_sent_for_a_person_is_part_of_that_persons_dossier(hospital: Callable[..., Any], message: Read) -> None:
    async def scene(parts: Parts, sender: Callable[[bytes], Any]) -> None:
        await sender(message("a01_admission"))
        (patient,) = await parts.endpoint.search("Patient", [])
        (row,) = await parts.store.inbox.find("processed")
        assert (await dossier(parts.interactions, patient["id"])).messages == (row.number,)

    hospital(scene)

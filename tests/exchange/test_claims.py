"""What messages become claims the profiles of our guide that it keeps to, and the validator agrees: every sample, official and ours."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.claim import CLAIMS, GUIDE, with_claim
from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import StoreInbox
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store
from tests.hl7v2.pam_messages import STRUCTURES, corpus

MESSAGES = Path(__file__).parents[1] / "hl7v2" / "messages"
TYPES = (*CLAIMS, "Location", "Binary", "Communication", "Task")
Found = tuple[Counter[str], list[str]]


async def played(folder: Path, messages: list[bytes], definitions: Definitions, database: str | None = None) -> Found:
    """The answers and what is claimed, how often (`Patient: none` where nothing is), and what the validator has against it."""
    store = await open_store(database or f"sqlite:///{folder / 'store.db'}")
    parts = put_together(definitions, store, Settings(data=folder))
    intake = Intake(parts.endpoint, StoreInbox(store.inbox), AdtInterpreter(load_maps()))
    answers = [acknowledgement_code(await intake.take(raw) or b"") for raw in messages]
    counts: Counter[str] = Counter(answers)
    wrong: list[str] = []
    for type_name in TYPES:
        for one in await parts.endpoint.search(type_name, []):
            claims = [profile.removeprefix(GUIDE) for profile in one["meta"].get("profile", [])] or ["none"]
            counts.update(f"{type_name}: {claim}" for claim in claims)
            wrong += await errors(parts, one)
    await store.close()
    return counts, wrong


async def errors(parts: Parts, resource: dict[str, Any]) -> list[str]:
    """The errors under R4 and all that the resource claims."""
    outcome = await parts.endpoint.validate(resource)
    return [f"{resource['resourceType']} {issue['diagnostics']}" for issue in outcome["issue"] if issue["severity"] in ("error", "fatal")]


@pytest.fixture
def play(tmp_path: Path, definitions: Definitions) -> Callable[..., Found]:
    return lambda messages, database=None: asyncio.run(played(tmp_path, messages, definitions, database))


def texts(*names: str) -> list[bytes]:
    return [(MESSAGES / f"{name}.er7").read_bytes() for name in names]


STORIES = {
    "every event of ADT": [file.stem for file in sorted(MESSAGES.glob("*.er7")) if file.stem[:3] not in ("a40", "a47")],
    "a merge": ["a28_identite", "a40_fusion", "a01_admission", "a03_sortie_domicile"],
    "another number": ["a47_changement_ipp", "a01_admission"],
    "documents": ["a01_admission", *(f"documents/{name}" for name in ("mdm_t02_nouveau", "mdm_t10_remplacement", "oru_r01_compte_rendu"))],
    "appointments": [f"appointments/{file.stem}" for file in sorted((MESSAGES / "appointments").glob("*.er7"))],
}


@pytest.mark.parametrize("story", STORIES)
def test_what_our_own_messages_become_keeps_to_the_guide(story: str, play: Callable[..., Found], database_url: str) -> None:
    counts, wrong = play(texts(*STORIES[story]), database_url)
    assert wrong == []
    assert counts["AA"] == len(STORIES[story])
    assert sorted(one for one in counts if one.endswith(": none") and not one.startswith(("Location", "Binary"))) == []


@pytest.mark.conformance
def test_what_the_official_samples_become_keeps_to_the_guide(test_data: Path, play: Callable[..., Found]) -> None:
    files = [file for file in sorted((test_data / "hl7v2-fr").rglob("*.er7")) if file.name != "ack.er7"]
    order = sorted(files, key=lambda file: ("sortie" in file.name, "RPLC" in file.name, "DEL" in file.name))
    counts, wrong = play([file.read_bytes() for file in order])
    assert len(files) == 15
    assert wrong == []
    assert sorted(one for one in counts if one.endswith(": none") and not one.startswith(("Location", "Binary"))) == []


def test_no_claim_of_a_generated_message_is_false(play: Callable[..., Found]) -> None:
    """Fields are missing, doubled and odd here: then a claim is left out, never wrong."""
    counts, wrong = play([raw for event in STRUCTURES for raw in corpus(event, 4)])
    assert wrong == []
    assert min(counts[one] for one in ("Patient: patient", "Patient: none", "Encounter: encounter-stay", "Practitioner: practitioner")) > 0


INS = {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "240053399901230", "use": "official"}


def test_a_claim_that_does_not_hold_any_more_goes_and_what_others_claim_stays() -> None:
    nobody = {"resourceType": "Patient", "identifier": [INS], "meta": {"versionId": "3", "profile": ["urn:theirs", f"{GUIDE}patient-ins"]}}
    assert with_claim(nobody)["meta"] == {"versionId": "3", "profile": ["urn:theirs"]}
    named = {**nobody, "name": [{"family": "TEST"}]}
    assert with_claim(named)["meta"]["profile"] == ["urn:theirs", f"{GUIDE}patient"]
    assert with_claim({"resourceType": "Binary", "contentType": "text/plain"}) == {"resourceType": "Binary", "contentType": "text/plain"}


@pytest.mark.parametrize(
    ("resource", "held"),
    [
        ({"resourceType": "Patient", "name": [{"use": "official", "family": "TEST"}]}, None),
        ({"resourceType": "Patient", "name": [{"family": "TEST"}], "gender": "other"}, None),
        ({"resourceType": "Practitioner", "name": [{"family": "TEST"}]}, None),
        ({"resourceType": "Encounter", "status": "unknown"}, None),
        ({"resourceType": "Appointment", "status": "cancelled", "participant": [{"actor": {"reference": "Patient/1"}}]}, None),
        ({"resourceType": "DocumentReference", "status": "current", "content": []}, None),
        ({"resourceType": "Organization", "name": "CHU", "identifier": [{"system": "urn:oid:1.2", "value": "1"}]}, None),
        ({"resourceType": "Provenance"}, "provenance"),
    ],
)
def test_what_lacks_something_claims_nothing(resource: dict[str, Any], held: str | None) -> None:
    assert with_claim(resource).get("meta") == ({"profile": [GUIDE + held]} if held else None)

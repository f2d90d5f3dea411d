"""Messages to others about a person who is erased: found without a lane too, by who tells of them or by whom they name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from fhir_server.assembly import Parts
from fhir_server.rights.dossier import dossier
from fhir_server.rights.erasure import erase_person, erase_resources
from fhir_server.rights.sent_messages import reference
from fhir_server.store.outbox import OutboxEntry, OutboxFilter
from tests.rights.conftest import IDENTIFIER, KEPT, SECRET, about

Run = Callable[[Any], Any]


def bundle(reference: str, text: str) -> bytes:
    entry = {"resource": {"resourceType": "Observation", "subject": {"reference": reference}, "code": {"text": text}}}
    return json.dumps({"resourceType": "Bundle", "type": "message", "entry": [entry]}).encode()


def letter(key: str, body: bytes, **more: str) -> OutboxEntry:
    return OutboxEntry("gp", key, body, **more)


GO = [
    letter("told-of", SECRET.encode(), about="Communication/of-a"),
    letter("bundle", bundle("Patient/a", SECRET)),
    letter("xml", f'<subject><reference value="Patient/a"/></subject>{SECRET}'.encode()),
    letter("mdm", f"MSH|^~\\&|\rPID|1||{IDENTIFIER}^^^&1.2||{SECRET}".encode(), content_type="x-application/hl7-v2+er7"),
    letter("in-another-lane", bundle("Patient/a", SECRET), lane="CareTeam/x"),
]
STAY = [
    letter("told-of-another", KEPT.encode(), about="Communication/of-ab"),
    letter("told-of-both", KEPT.encode(), about="Communication/of-both"),
    letter("moved", KEPT.encode(), about="Condition/moved"),
    letter("longer-id", bundle("Patient/ab", KEPT)),
    letter("elsewhere", bundle("https://elsewhere.example.org/fhir/Patient/a", KEPT)),
    letter("longer-identifier", f"PID|1||{IDENTIFIER}9^^^||{KEPT}".encode()),
    letter("lane-of-another", bundle("Patient/a", KEPT), lane="Patient/ab"),
]


@pytest.fixture
def sending(parts: Parts, run: Run) -> Parts:
    """Beside what there is: Communications, and messages without a lane of the person."""

    async def fill() -> None:
        for id_, persons in (("of-a", "a"), ("of-ab", "ab"), ("of-both", "a")):
            told = {"resourceType": "Communication", "id": id_, "status": "in-progress", "subject": about(persons)}
            if id_ == "of-both":
                told["recipient"] = [about("ab")]
            await parts.interactions.update("Communication", id_, told)
        await parts.store.outbox.add([*GO, *STAY])

    run(fill())
    return parts


def of(rows: list[Any], entries: list[OutboxEntry]) -> list[Any]:
    keys = {one.key for one in entries}
    return [row for row in rows if row.key in keys]


def test_messages_that_name_the_person_or_are_told_of_by_the_persons_own_lose_their_contents(sending: Parts, run: Run) -> None:
    found = run(dossier(sending.interactions, "a"))
    assert len(found.sent) == len(GO)
    run(erase_person(sending.interactions, found, "Dr DPO", "asked", 1))
    rows = run(sending.store.outbox.find(OutboxFilter()))
    assert {(row.key, row.status, row.body) for row in of(rows, GO)} == {(one.key, "dead", b"") for one in GO}
    assert {(row.key, row.status, row.body) for row in of(rows, STAY)} == {(one.key, "waiting", one.body) for one in STAY}


def test_an_erased_message_is_not_sent_again(sending: Parts, run: Run) -> None:
    run(erase_person(sending.interactions, run(dossier(sending.interactions, "a")), "Dr DPO", "asked", 1))
    assert run(sending.store.outbox.replay(OutboxFilter("dead"))) == 0


def test_what_a_single_erased_communication_tells_of_goes_too(sending: Parts, run: Run) -> None:
    found = run(dossier(sending.interactions, "a"))
    run(erase_resources(sending.interactions, [one for one in found.held if one.id == "of-a"], "Dr DPO", "retention", 1))
    rows = run(sending.store.outbox.find(OutboxFilter()))
    assert [row.key for row in rows if row.body == b""] == ["told-of"]


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ('"https://fhir.example.org/fhir/Patient/a"', True),
        ("'Patient/a'", True),
        ('"Patient/a/_history/1"', True),
        ('"https://other.example.org/fhir/Patient/a"', False),
        ('"OutPatient/a"', False),
        ('"Patient/a-1"', False),
        ('"Patient/a.b"', False),
    ],
)
def test_a_reference_is_to_our_patient_where_it_is_relative_or_begins_with_our_base(text, is_ours):
    assert bool(re.search(reference("a", "https://fhir.example.org/fhir"), text.encode())) == is_ours

"""Documents in MDM and ORU messages: kept with their file, replaced, withdrawn, in whatever order they come."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.message import Message
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
NEW, REPLACING, WITHDRAWING, RESULT = (
    "documents/mdm_t02_nouveau",
    "documents/mdm_t10_remplacement",
    "documents/mdm_t04_suppression",
    "documents/oru_r01_compte_rendu",
)
FIRST, SECOND = "urn:oid:1.2.250.1.213.99.7.1", "urn:oid:1.2.250.1.213.99.7.2"


def take(intake: Intake, *messages: bytes) -> list[str]:
    async def run() -> list[str]:
        return [acknowledgement_code(await intake.take(one) or b"") for one in messages]

    return asyncio.run(run())


def statuses(endpoint: MemoryEndpoint) -> dict[str, str]:
    return {one["masterIdentifier"]["value"]: one["status"] for one in endpoint.all("DocumentReference")}


def document(endpoint: MemoryEndpoint, number: str) -> dict[str, Any]:
    return next(one for one in endpoint.all("DocumentReference") if one["masterIdentifier"]["value"] == number)


def error(endpoint: MemoryEndpoint) -> tuple[str, str]:
    """ERR-2 and ERR-3.1 of the last answer."""
    reply = Message.parse(endpoint.inbox.rows[-1].reply or b"")
    return reply.first("ERR").field(2), reply.text("ERR", 3)  # type: ignore[union-attr]


def test_the_file_is_a_binary_that_only_who_sees_the_document_sees(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(NEW)) == ["AA"]
    kept = document(endpoint, FIRST)
    attachment = kept["content"][0]["attachment"]
    (binary,) = endpoint.all("Binary")
    assert attachment["url"] == f"Binary/{binary['id']}"
    assert binary["securityContext"]["reference"] == f"DocumentReference/{kept['id']}"
    file = base64.b64decode(binary["data"])
    assert file.startswith(b"<?xml")
    assert (attachment["size"], attachment["contentType"], "data" in attachment) == (len(file), "text/xml", False)


def test_what_the_person_must_not_see_is_labelled(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, message(NEW))
    labels = [one["code"] for label in document(endpoint, FIRST)["securityLabel"] for one in label["coding"]]
    assert labels == ["INVISIBLE_PATIENT"]


def test_the_stay_is_referred_to_by_its_number_until_it_is_known(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, message(NEW))
    (encounter,) = document(endpoint, FIRST)["context"]["encounter"]
    assert (encounter["type"], encounter["identifier"]["value"]) == ("Encounter", "26030001")
    assert endpoint.all("Encounter") == []


def test_the_stay_is_referred_to_where_it_is_known_and_not_changed(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, message("a01_admission"))
    before = endpoint.all("Encounter"), endpoint.all("Patient")
    take(intake, message(NEW))
    assert document(endpoint, FIRST)["context"]["encounter"] == [{"reference": f"Encounter/{before[0][0]['id']}"}]
    assert (endpoint.all("Encounter"), endpoint.all("Patient")) == before


def test_a_stay_of_another_person_is_refused(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    take(intake, message("a01_admission"))
    other = message(NEW, (b"700123^^^", b"700999^^^"), (b"240053399901230", b"240053399901327"))
    assert take(intake, other) == ["AE"]
    assert endpoint.all("DocumentReference") == []


def test_the_same_document_again_changes_nothing(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(NEW), message(NEW, (b"|D0001|", b"|D0099|"))) == ["AA", "AA"]
    assert len(endpoint.all("Binary")) == 1
    assert document(endpoint, FIRST)["meta"]["versionId"] == "1"


def test_other_content_under_the_same_number_is_a_new_version(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    changed = message(NEW, (b"|D0001|", b"|D0099|"), (b"Base64^PD94", b"Base64^ICAgPD94"))
    assert take(intake, message(NEW), changed) == ["AA", "AA"]
    assert document(endpoint, FIRST)["meta"]["versionId"] == "2"
    assert len(endpoint.all("Binary")) == 2
    assert "new version" in (endpoint.inbox.rows[-1].note or "")


def test_a_document_replaces_another(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(NEW), message(REPLACING)) == ["AA", "AA"]
    assert statuses(endpoint) == {FIRST: "superseded", SECOND: "current"}
    old, new = document(endpoint, FIRST), document(endpoint, SECOND)
    assert new["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{old['id']}"}}]
    assert old["content"][0]["attachment"]["url"] != new["content"][0]["attachment"]["url"]


def test_what_was_replaced_before_it_came_is_superseded_at_once(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(REPLACING), message(NEW)) == ["AA", "AA"]
    assert statuses(endpoint) == {FIRST: "superseded", SECOND: "current"}
    assert document(endpoint, SECOND)["relatesTo"][0]["target"]["identifier"]["value"] == FIRST


def test_a_document_that_is_withdrawn_is_kept_and_stays_withdrawn(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    again = message(REPLACING, (b"|D0002|", b"|D0098|"))
    assert take(intake, message(NEW), message(REPLACING), message(WITHDRAWING), again) == ["AA"] * 4
    assert statuses(endpoint) == {FIRST: "superseded", SECOND: "entered-in-error"}
    assert "its status stays" in (endpoint.inbox.rows[-1].note or "")
    assert len(endpoint.all("Binary")) == 2


def test_a_document_that_never_came_cannot_be_withdrawn(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(WITHDRAWING)) == ["AE"]
    assert error(endpoint) == ("TXA^1^12", "204")
    assert endpoint.resources == {}


def test_a_result_that_carries_a_document_is_one(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    corrected = message(RESULT, (b"|D0004|", b"|D0096|"), (b"||||||F\r", b"||||||C\r"), (b"Base64^PD94", b"Base64^ICAgPD94"))
    assert take(intake, message(RESULT), corrected) == ["AA", "AA"]
    (kept,) = endpoint.all("DocumentReference")
    assert (kept["status"], kept["docStatus"], kept["meta"]["versionId"]) == ("current", "amended", "2")
    assert kept["type"] == {"coding": [{"system": "http://loinc.org", "code": "11502-2"}], "text": "CR de biologie"}


@pytest.mark.parametrize(
    ("name", "replaced", "where", "code"),
    [
        (NEW, (b"Base64^PD94", b"Base64^*PD94"), "OBX^1^5^^5", "102"),
        (NEW, (b"|11490-0^CR d'hospitalisation^LN||^text", b"|X^CR d'hospitalisation^L||^text"), "OBX^1^5", "101"),
        (RESULT, (b"OBX|1|ED|", b"OBX|1|TX|"), "OBX^1^5", "101"),
        (NEW, (b"1.2.250.1.213.99.7.1^CHU-EXEMPLE", b""), "TXA^1^12^1^1", "101"),
        (REPLACING, (b"1.2.250.1.213.99.7.1^CHU-EXEMPLE", b""), "TXA^1^13^1^1", "101"),
    ],
    ids=["not base64", "no document", "no document in a result", "no number", "replaces nothing"],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    name: str, replaced: tuple[bytes, bytes], where: str, code: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    assert take(intake, message(name, replaced)) == ["AE"]
    assert error(endpoint)[1] == code
    assert error(endpoint)[0].startswith(where.split("^1^1")[0])
    assert endpoint.resources == {}

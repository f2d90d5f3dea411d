"""HAPI's HL7 v2 listener, the one of most hospital software in Java, receives what partners are told and reads every field of it."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.process import free_port
from tests.exchange.partner_table import ALL, TABLE
from tests.interop.hapi_peer import JAVA, absent
from tests.interop.test_hapi_hl7v2 import class_path, listener

__all__ = ["class_path"]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(absent() is not None, reason=str(absent()))]
Read = dict[str, str]
DOCTOR = {
    "resourceType": "Practitioner",
    "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "10199900019"}],
    "name": [{"family": "GÉRARD-TESTEUR", "given": ["Noémie"], "prefix": ["Dr"]}],
}
PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"use": "usual", "system": "https://passerelle.care/fhir/sid/pi/CHU-EXEMPLE", "value": "7^001|23"}],
    "name": [{"use": "official", "family": "TEST-BŒUF & FILS", "given": ["Éloïse"]}],
    "gender": "female",
    "birthDate": "1940-05-17",
    "telecom": [{"system": "phone", "use": "home", "value": "0599990001"}],
}


ENDS = ["MDM^T04", "ADT^A40", "ADT^A29"]
ORDER = [*ALL, *ENDS]


class Receiver:
    """The Java process; `next()` is what it read of the message that came next."""

    def __init__(self, class_path: str, port: int, folder: Path):
        command = [*JAVA, "-Xmx256m", "-cp", class_path, "org.passerelle.peer.MessageReceiver", str(port)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=folder, encoding="utf-8", **pipes)  # HAPI keeps a file of its numbers where it runs
        assert self.line() == "ready"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def next(self) -> Read:
        return dict(one.split("=", 1) for one in self.line().split("\t") if one)  # type: ignore[misc]


@pytest.fixture(scope="module")
def read(class_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Read]]:
    """What HAPI read: a person, their change, a plan, its later version, its end, a record that was given up, the person's end."""
    folder, port = tmp_path_factory.mktemp("partner"), free_port()
    (folder / "destinations.toml").write_text(TABLE.format(port=port, sends=[*ALL, *ENDS], more=""))
    receiver = Receiver(class_path, port, folder)
    try:
        with listener(folder / "server", "--destinations", str(folder / "destinations.toml")) as server:
            tell(f"http://127.0.0.1:{server.port}/fhir")
            yield sorted((receiver.next() for _ in range(7)), key=lambda one: ORDER.index(event(one)))
    finally:
        receiver.process.kill()
        receiver.process.wait()


def tell(base: str) -> None:
    """Change what a partner is told of."""
    doctor = put(base, DOCTOR)
    patient = put(base, {**PATIENT, "generalPractitioner": [{"reference": f"Practitioner/{doctor['id']}"}]})
    put(base, {**patient, "birthDate": "1940-05-18"})
    plan = {
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Plan | d’Éloïse", "text": narrative("Été"),
        "subject": {"reference": f"Patient/{patient['id']}"}, "author": {"reference": f"Practitioner/{doctor['id']}"},
    }  # fmt: skip
    plan = put(base, {**put(base, plan), "text": narrative("Hiver")})
    assert httpx.delete(f"{base}/CarePlan/{plan['id']}").is_success
    given_up = {**PATIENT, "identifier": [{**PATIENT["identifier"][0], "value": "old"}], "active": False}
    put(base, {**given_up, "link": [{"type": "replaced-by", "other": {"reference": f"Patient/{patient['id']}"}}]})
    assert httpx.delete(f"{base}/Patient/{patient['id']}").is_success


def event(read: Read) -> str:
    return f"{read['MSH-9-1']}^{read['MSH-9-2']}"


def put(base: str, resource: dict[str, Any]) -> dict[str, Any]:
    place = f"{base}/{resource['resourceType']}"
    done = httpx.put(f"{place}/{resource['id']}", json=resource) if "id" in resource else httpx.post(place, json=resource)
    assert done.is_success, done.text
    found: dict[str, Any] = json.loads(done.content)
    return found


def narrative(text: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


def test_the_messages_come_once_each_and_in_order_of_the_person(read: list[Read]) -> None:
    assert [event(one) for one in read] == ORDER
    assert len({one["MSH-10"] for one in read}) == 7


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("MSH-3-1", "PASSERELLE"), ("MSH-4-1", "DAC-EXEMPLE"), ("MSH-5-1", "GAM"), ("MSH-6-1", "CHU-EXEMPLE"),
        ("PID-3-1", "7^001|23"), ("PID-3-4-2", "CHU-EXEMPLE"), ("PID-3-5", "PI"), ("PID-5-1-1", "TEST-BŒUF & FILS"), ("PID-5-2", "Éloïse"),
        ("PID-8", "F"), ("PID-13-12", "0599990001"),
    ],
)  # fmt: skip
def test_the_person_is_read_in_every_message_as_it_is(read: list[Read], place: str, expected: str) -> None:
    assert {one[place] for one in read} == {expected}


def test_the_general_practitioner_is_read(read: list[Read]) -> None:
    assert {(one["ROL-4-1"], one["ROL-4-2-1"]) for one in read[:2]} == {("10199900019", "GÉRARD-TESTEUR")}


def test_the_change_is_read(read: list[Read]) -> None:
    assert [one["PID-7-1"] for one in read[:2]] == ["19400517", "19400518"]


def test_the_plan_is_read_and_its_later_version_names_the_one_before(read: list[Read]) -> None:
    first, later, _ = (one for one in read if one["MSH-9-1"] == "MDM")
    assert (first["TXA-13-1"], later["TXA-13-1"]) == ("", first["TXA-12-1"])
    for one, text in ((first, "Été"), (later, "Hiver")):
        assert one["TXA-25"] == "Plan | d’Éloïse"
        assert one["OBX-5-4"] == "Base64"
        assert text in base64.b64decode(one["OBX-5-5"]).decode()


def test_the_ends_are_read(read: list[Read]) -> None:
    later, withdrawn, merged, deleted = read[3:]
    assert (withdrawn["TXA-12-1"], withdrawn["TXA-19"], withdrawn["OBX-11"]) == (later["TXA-12-1"], "CA", "D")
    assert (merged["MRG-1-1"], merged["MRG-7-1-1"]) == ("old", "TEST-BŒUF & FILS")
    assert deleted["MRG-1-1"] == ""

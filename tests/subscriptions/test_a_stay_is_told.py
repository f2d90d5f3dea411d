"""The hospital's messages come in, and the software of who follows the person is called: admitted, discharged; nobody else's is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter
from fhir_server.hospital import StoreInbox
from fhir_server.security.caller import Caller
from fhir_server.security.scope import ALL_PERMISSIONS, Scope
from tests.hl7v2.conftest import interpreter, library, message
from tests.subscriptions.receiver import Receiver, parts
from tests.subscriptions.server import Server, by_topic
from tests.subscriptions.test_rest_hook import topic

__all__ = ["interpreter", "library", "message"]

ALL = (Scope("system", "*", ALL_PERMISSIONS),)


def client(name: str) -> Caller:
    return Caller(name, name, ALL, actors=frozenset([("Organization", name)]))


async def asked(server: Server, receiver: Receiver, patient: str) -> None:
    """Two clients ask for admissions and discharges; one coordinates the person's circle."""
    for name in ("dac", "stranger"):
        await server.put({"resourceType": "Organization", "id": name})
        for kind in ("followed-person-admitted", "discharge-received"):
            place = f"{receiver.url}/{name}/{kind}"
            await server.made(by_topic(topic(server, kind), place, "full-resource"), client(name))
    await server.put(
        {
            "resourceType": "CareTeam", "id": "circle", "status": "active", "subject": {"reference": patient},
            "managingOrganization": [{"reference": "Organization/dac"}],
        }
    )  # fmt: skip
    await server.settled()
    assert len(receiver.came) == 4, "each endpoint answered its handshake"
    receiver.came.clear()


def test_a_stay_is_told_to_who_follows_the_person(
    play: Any, receiver: Receiver, interpreter: AdtInterpreter, message: Callable[..., bytes]
) -> None:
    async def scene(server: Server) -> None:
        intake = Intake(server.parts.endpoint, StoreInbox(server.parts.store.inbox), interpreter, pauses=(0.01,))

        async def send(*names: str) -> None:
            for name in names:
                assert acknowledgement_code(await intake.take(message(name)) or b"") == "AA"
            await server.settled()

        await send("a28_identite")
        (patient,) = await server.parts.endpoint.search("Patient", [])
        await asked(server, receiver, f"Patient/{patient['id']}")
        await send("a01_admission")
        assert [one.path for one in receiver.came] == ["/told/dac/followed-person-admitted"]
        await send("a01_admission", "a03_sortie_domicile", "a03_sortie_domicile")
        assert [one.path for one in receiver.came] == ["/told/dac/followed-person-admitted", "/told/dac/discharge-received"]
        for came in receiver.came:
            (focus,) = parts(came.json, "focus")
            assert focus["valueReference"]["reference"] == came.json["entry"][1]["fullUrl"]
            assert f"Patient/{patient['id']}" in came.body.decode()

    play(scene)


def test_a_stay_in_fhir_is_told_as_well(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await server.put({"resourceType": "Patient", "id": "p"})
        await asked(server, receiver, "Patient/p")
        stay = {
            "resourceType": "Encounter", "id": "stay", "status": "in-progress", "subject": {"reference": "Patient/p"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "identifier": [{"system": "https://example.org/visits", "value": "V1"}],
        }  # fmt: skip
        await server.put(stay)
        await server.settled()
        assert [one.path for one in receiver.came] == ["/told/dac/followed-person-admitted"]
        await server.put(stay | {"status": "finished"})
        await server.settled()
        assert [one.path for one in receiver.came][1:] == ["/told/dac/discharge-received"]

    play(scene)

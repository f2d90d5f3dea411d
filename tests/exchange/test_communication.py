"""What became of a message is told by its Communication, in the commit that settles it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.endpoint import OutgoingMessage
from adapters.exchange.delivery import Delivery
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.delivery import StoreOutbox
from fhir_server.settings import Settings
from fhir_server.store.opening import now
from fhir_server.store.outbox import OutboxFilter
from fhir_server.store.store import Store
from tests.exchange.partner import HOUR, Clock, Partner, Partners

PATIENT, LETTER = "urn:uuid:0d9f1d2c-5c3b-4b9e-8a55-2f6f5d0e1a01", "urn:uuid:0d9f1d2c-5c3b-4b9e-8a55-2f6f5d0e1a02"


class Scene:
    """A server with one letter to a general practitioner in its outbox, and a worker."""

    def __init__(self, parts: Parts, run: Any):
        self.parts, self.run = parts, run
        self.clock = Clock(now() + HOUR)
        self.partner = Partner(self.clock)
        outbox = StoreOutbox(parts.store.outbox)
        self.delivery = Delivery(outbox, Partners(gp=self.partner), "me", endpoint=parts.endpoint, clock=self.clock, fraction=lambda: 1.0)

    def letter(self) -> None:
        communication = {"resourceType": "Communication", "status": "preparation", "subject": {"reference": PATIENT}}
        entries = [
            {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for url, one in ((PATIENT, {"resourceType": "Patient"}), (LETTER, communication))
        ]
        message = OutgoingMessage("gp", "k1", b"a letter", "text/plain", lane=PATIENT, about=LETTER)
        self.run(self.parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries}, sends=[message]))

    def deliver(self, answer: Answer) -> None:
        self.partner.answers = lambda message, moment: answer
        self.run(self.delivery.once())

    def communication(self) -> Any:
        (found,) = self.run(self.parts.endpoint.search("Communication", []))
        return found

    def message(self) -> Any:
        (row,) = self.run(self.parts.store.outbox.find(OutboxFilter()))
        return row


@pytest.fixture
def scene(store: Store, run: Any, definitions: Definitions, tmp_path: Path) -> Scene:
    made = Scene(put_together(definitions, store, Settings(data=tmp_path)), run)
    made.letter()
    return made


def test_a_message_names_whom_it_is_for_and_what_tells_of_it_by_their_new_ids(scene):
    (patient,) = scene.run(scene.parts.endpoint.search("Patient", []))
    row = scene.message()
    assert (row.lane, row.about) == (f"Patient/{patient['id']}", f"Communication/{scene.communication()['id']}")


def test_what_its_receiver_has_is_completed(scene):
    scene.deliver(Receipt("201"))
    told = scene.communication()
    assert (told["status"], told["sent"], told["received"]) == ("completed", told["received"], told["sent"])
    assert scene.message().status == "delivered"


def test_what_is_on_its_way_is_in_progress(scene):
    scene.deliver(Receipt("queued", delivered=False))
    told = scene.communication()
    assert (told["status"], "sent" in told, "received" in told) == ("in-progress", True, False)
    assert scene.message().status == "delivered"


def test_a_dead_letter_is_not_done_with_the_reason_and_its_replay_is_completed(scene):
    scene.deliver(Refused("answered 422 value"))
    told = scene.communication()
    assert (told["status"], told["statusReason"]) == ("not-done", {"text": "answered 422 value"})
    scene.run(scene.parts.store.outbox.replay(OutboxFilter("dead")))
    scene.deliver(Receipt())
    told = scene.communication()
    assert (told["status"], "statusReason" in told) == ("completed", False)


def test_while_it_is_tried_again_nothing_is_told(scene):
    scene.deliver(Later("busy"))
    assert scene.communication()["status"] == "preparation"


def test_a_communication_that_is_gone_holds_up_nothing(scene):
    scene.run(scene.parts.interactions.delete("Communication", scene.communication()["id"]))
    scene.deliver(Receipt())
    assert scene.message().status == "delivered"


def test_a_worker_that_was_too_late_tells_nothing(scene):
    """It stood still for longer than its lease: another has delivered the message, and its letter is no dead one."""

    def another_was_quicker(message: Any, moment: int) -> Answer:
        scene.clock.now += HOUR
        scene.partner.answers = lambda message, moment: Receipt()
        return Refused("answered 410")

    other = Delivery(scene.delivery.outbox, scene.delivery.destinations, "other", endpoint=scene.parts.endpoint, clock=scene.clock)
    deliver = scene.partner.deliver

    async def standing_still(message: Any) -> Answer:
        answer = await deliver(message)
        if isinstance(answer, Refused):
            await other.once()
        return answer

    scene.delivery.destinations.by_name["gp"].transport.deliver = standing_still
    scene.partner.answers = another_was_quicker
    scene.run(scene.delivery.once())
    assert (scene.message().status, scene.communication()["status"]) == ("delivered", "completed")

"""Appointments in SIU messages: made, moved, changed, cancelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.exchange.intake import Intake
from tests.hl7v2.test_document import error, take
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
MADE, MOVED, CHANGED, CANCELLED = (
    "appointments/siu_s12_nouveau",
    "appointments/siu_s13_deplacement",
    "appointments/siu_s14_modification",
    "appointments/siu_s15_annulation",
)


def test_an_appointment_has_its_time_its_people_and_its_place(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(MADE)) == ["AA"]
    (made,) = endpoint.all("Appointment")
    assert (made["status"], made["start"], made["end"]) == ("booked", "2026-04-02T14:30:00+02:00", "2026-04-02T15:15:00+02:00")
    kinds = [one["actor"]["reference"].split("/")[0] for one in made["participant"]]
    assert kinds == ["Patient", "Practitioner", "Location"]
    assert made["comment"] == "Venir avec les ordonnances"


def test_it_is_changed_and_moved_and_stays_one(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(MADE), message(CHANGED), message(MOVED)) == ["AA"] * 3
    (moved,) = endpoint.all("Appointment")
    assert (moved["status"], moved["start"], moved["end"]) == ("booked", "2026-04-09T10:00:00+02:00", "2026-04-09T10:45:00+02:00")


def test_what_is_cancelled_says_why_and_stays_cancelled(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(MADE), message(CANCELLED), message(MOVED)) == ["AA"] * 3
    (one,) = endpoint.all("Appointment")
    assert (one["status"], one["cancelationReason"]["text"]) == ("cancelled", "Le patient ne peut pas venir")
    assert "stays cancelled" in (endpoint.inbox.rows[-1].note or "")


def test_what_never_was_cannot_be_cancelled(message: Read, intake: Intake, endpoint: MemoryEndpoint) -> None:
    assert take(intake, message(CANCELLED)) == ["AE"]
    assert error(endpoint) == ("SCH^1^2", "204")


@pytest.mark.parametrize(
    ("replaced", "code"),
    [
        ((b"|45|MIN|", b"||MIN|"), "101"),
        ((b"^^^20260402143000^", b""), "101"),
        ((b"|45|MIN|", b"|xx|MIN|"), "102"),
    ],
    ids=["neither end nor duration", "no start", "a duration that is no number"],
)
def test_an_appointment_without_a_time_is_refused(
    replaced: tuple[bytes, bytes], code: str, message: Read, intake: Intake, endpoint: MemoryEndpoint
) -> None:
    assert take(intake, message(MADE, replaced)) == ["AE"]
    assert error(endpoint)[1] == code
    assert endpoint.resources == {}

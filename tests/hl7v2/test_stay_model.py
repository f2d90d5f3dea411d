"""Any words about a stay, legal or not, in any order and as often as you like: the Encounter is what the clerk's book says (stay_model)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from tests.hl7v2.stay_message import FIRST, Said, adt
from tests.hl7v2.stay_model import CLASSES, Stay, expected
from tests.memory_endpoint import MemoryEndpoint

LIBRARY = load_maps()
EVENTS = ("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A14", "A16", "A21", "A22", "A54")
DISPOSITION = "https://passerelle.care/fhir/CodeSystem/discharge-destination"


class Hospital:
    """A hospital that sends to a server of its own."""

    def __init__(self) -> None:
        self.endpoint = MemoryEndpoint()
        self.intake = Intake(self.endpoint, self.endpoint.inbox, AdtInterpreter(LIBRARY), pauses=(0.0,))
        self.sent = 0

    def send(self, said: Said, control: str | None = None) -> str:
        self.sent += 1
        reply = asyncio.run(self.intake.take(adt(said, control or f"M{self.sent:05d}")))
        return acknowledgement_code(reply or b"")

    def stay(self) -> Stay:
        found = self.endpoint.all("Encounter")
        return self._read(found[0]) if found else Stay()

    def _read(self, encounter: dict[str, Any]) -> Stay:
        names = {f"{kind}/{id_}": one for (kind, id_), one in self.endpoint.resources.items()}
        period = encounter.get("period", {})
        codings = encounter.get("hospitalization", {}).get("dischargeDisposition", {}).get("coding", [])
        doctors = [one for one in encounter.get("participant", []) if one["type"][0]["coding"][0]["code"] == "ATND"]
        return Stay(
            encounter["status"],
            encounter["class"]["code"],
            _hour(period.get("start")),
            _hour(period.get("end")),
            [(one["status"], *_span(one)) for one in encounter.get("statusHistory", [])],
            [(one["class"]["code"], *_span(one)) for one in encounter.get("classHistory", [])],
            [(names[one["location"]["reference"]]["name"], *_span(one)) for one in encounter.get("location", [])],
            [(names[one["individual"]["reference"]]["name"][0]["family"], *_span(one)) for one in doctors],
            any(one["system"] == DISPOSITION and one["code"] == "home" for one in codings),
        )


def _span(one: dict[str, Any]) -> tuple[int | None, int | None]:
    return _hour(one["period"].get("start")), _hour(one["period"].get("end"))


def _hour(moment: str | None) -> int | None:
    return None if moment is None else int((datetime.fromisoformat(moment[:19]) - FIRST).total_seconds() // 3600)


def agree(hospital: Hospital, words: list[Said]) -> None:
    if not words:
        assert not hospital.endpoint.all("Encounter")
        return
    found, wanted = hospital.stay(), expected(words)
    wanted.letters = [(CLASSES[value], *span) for value, *span in wanted.letters]  # type: ignore[misc]
    if wanted.letter is None:  # nothing stands: the stay keeps what was said last of its kind and time
        found.letter = found.start = None
    else:
        wanted.letter = CLASSES[wanted.letter]
    assert found == wanted


WORDS = st.builds(
    Said,
    event=st.sampled_from(EVENTS),
    number=st.integers(1, 6),
    action=st.sampled_from(("INSERT", "INSERT", "INSERT", "UPDATE", "CANCEL")),
    hour=st.integers(0, 40),
    recorded=st.integers(0, 2000),
    ward=st.sampled_from(("", "4210", "4220", "8782")),
    letter=st.sampled_from("IOE"),
    doctor=st.sampled_from(("", "LEFÈVRE", "AUGUIN")),
    home=st.booleans(),
)


class AnyOrder(RuleBasedStateMachine):
    """Words arrive in no order of theirs: `recorded` is drawn, so the last to be written down may be the first to come."""

    @initialize()
    def begin(self) -> None:
        self.hospital, self.words = Hospital(), list[Said]()

    @rule(said=WORDS)
    def tell(self, said: Said) -> None:
        if said.recorded in {one.recorded for one in self.words}:
            return
        answer = self.hospital.send(said)
        impossible = expected([*self.words, said]).impossible
        assert answer == ("AE" if impossible else "AA")
        if not impossible:
            self.words.append(said)

    @precondition(lambda self: self.words)
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        before = len(self.hospital.endpoint.transactions)
        assert self.hospital.send(data.draw(st.sampled_from(self.words))) == "AA"
        assert len(self.hospital.endpoint.transactions) == before

    @invariant()
    def the_stay_is_what_the_book_says(self) -> None:
        if hasattr(self, "words"):
            agree(self.hospital, self.words)


AnyOrder.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
TestAnyOrder = AnyOrder.TestCase

LEGAL = [
    Said("A05", 1, hour=2, recorded=0, ward="4210"),
    Said("A01", 2, hour=3, recorded=200, ward="8782", letter="E", doctor="AUGUIN"),
    Said("A06", 3, hour=5, recorded=310, letter="I", ward="4210"),
    Said("A02", 4, hour=8, recorded=500, ward="4220"),
    Said("A02", 4, "CANCEL", hour=8, recorded=520),
    Said("A54", 5, hour=10, recorded=610, doctor="LEFÈVRE"),
    Said("A21", 6, hour=20, recorded=1205),
    Said("A22", 7, hour=26, recorded=1565),
    Said("A03", 8, hour=30, recorded=1800, home=True),
    Said("A03", 8, "CANCEL", hour=30, recorded=1820),
    Said("A03", 9, hour=34, recorded=2040, home=True),
    Said("A01", 2, "UPDATE", hour=2, recorded=2100, letter="E"),
]


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(LEGAL), twice=st.lists(st.sampled_from(LEGAL), max_size=5))
def test_a_whole_stay_ends_alike_in_whatever_order_it_is_told(order: list[Said], twice: list[Said]) -> None:
    hospital, known = Hospital(), list[Said]()
    for said in [*order, *twice]:
        assert hospital.send(said) == ("AE" if expected([*known, said]).impossible else "AA")
        known += [] if said in known else [said]
    agree(hospital, known)
    assert hospital.stay().status == "finished"

"""HL7 v2 messages, above all ADT of IHE PAM France: read, mapped by `mappings/hl7v2/`, matched with what the server has, answered.

intake = Intake(endpoint, inbox, AdtInterpreter(load_maps()))
reception = Reception(intake, interpreter)
server = MllpServer(reception.receive, port=2575, answer_fault=partial(reception.fault_answer, limit))
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

from adapters.endpoint import FhirEndpoint, OutgoingMessage
from adapters.exchange.identity import find_patient
from adapters.exchange.interpreter import Envelope, Interpretation
from adapters.exchange.merge import find_prior, find_survivor, merge, renumber
from adapters.exchange.oversized import SENTENCE
from adapters.hl7v2.acknowledgement import RETRYABLE, Code, Finding, Header, acknowledge, asking, findings_of
from adapters.hl7v2.agreement import keep_newest
from adapters.hl7v2.appointment import keep_appointment
from adapters.hl7v2.death import take_back_death
from adapters.hl7v2.document import keep_document
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.header import check_header
from adapters.hl7v2.language import Hl7v2Language
from adapters.hl7v2.leniency import mended
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import Fault, FaultKind
from adapters.hl7v2.partner import CONTENT_TYPE, Partner
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.stay import STAYS_CLOSED, UNKNOWN_MOVEMENT, already_told, check_subject, stays_closed, tell, tells_of_unknown
from adapters.hl7v2.trigger import MOVING, check_movement
from adapters.hl7v2.warning import warnings_of
from adapters.mapping.maps import Library, Map, load_library
from adapters.mapping.site import load_sites
from adapters.mapping.transaction import Matched, Strategy, match_entries, transaction, with_entries
from fhir_server.model.issue import FhirError
from fhir_server.model.language import DEFAULT
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema

ALREADY_APPLIED = "ZBE-1: this movement was applied before; nothing was changed"
NO_MOVEMENT = "ZBE: the message names no movement, so a repeat of it can only be told by its bytes"


def load_maps(folder: Path | None = None, *, sites: Path | None = None, traced: bool = False, schema: Schema | None = None) -> Library:
    """The maps of a folder (default: those that come with the program), with the sites of another. FhirError with file and line where
    one is wrong; whether FHIR has the elements that they write is checked against `schema`.
    """
    languages = {"hl7v2": Hl7v2Language()}
    if sites:
        return load_sites(languages, sites, folder, traced=traced, schema=schema)
    return load_library(languages, folder, traced=traced, schema=schema)


def local_now() -> datetime:
    return datetime.now().astimezone()


def control_ids() -> Callable[[], str]:
    """Numbers for our answers (MSH-10, 20 characters), never the same twice: a random beginning, and a count."""
    beginning, numbers = secrets.token_hex(6), count(1)
    return lambda: f"{beginning}{next(numbers):08x}"


def default_settings(_sender: str) -> SenderSettings:
    """Every sender in Europe/Paris; a site with others passes a look-up by `application|facility`."""
    return SenderSettings()


class AdtInterpreter:
    """The `Interpreter` of HL7 v2. `settings` looks a sender's settings up by `application|facility`."""

    channel = "hl7v2"

    def __init__(
        self,
        library: Library,
        *,
        settings: Callable[[str], SenderSettings] = default_settings,
        now: Callable[[], datetime] = local_now,
        new_id: Callable[[], str] | None = None,
        partners: Mapping[str, Partner] | None = None,
    ):
        """`partners`: those with a listener of their own for application acknowledgements, by `application|facility`."""
        self.maps, self.settings, self.now, self.new_id, self.partners = library, settings, now, new_id or control_ids(), partners or {}

    def envelope(self, raw: bytes) -> Envelope:
        header = Header.of_bytes(raw)
        return Envelope(header.sender, header.control_id, early=header.accept_wanted(True))

    async def interpret(self, raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        header = Header.of_bytes(raw)
        message, mends = mended(Message.parse(raw))
        map_ = self.map_for(message)
        if message.header.text(9) != ADT:
            return await self._beside_the_stay(header, message, map_, mends, endpoint)
        check_movement(message)
        run = map_.run(message, self.settings(header.sender))
        matched = await match_entries(run, map_, endpoint, STRATEGIES)
        matched = keep_newest(self._identified(message, matched), run)
        await check_subject(matched, endpoint)
        if already_told(matched):
            return Interpretation(None, self._application_reply(header, "AA", warnings_of(message, run)), (*mends, ALREADY_APPLIED))
        unknown = tells_of_unknown(matched)
        warnings = [*warnings_of(message, run), *([UNKNOWN] if unknown else [])]
        tell(matched, message, run)
        take_back_death(matched, message)
        if stays_closed(matched):
            run.note(STAYS_CLOSED)
        if message.header.text(9, 2) in MOVING and not message.text("ZBE", 1):
            run.note(NO_MOVEMENT)
        notes = (*mends, *run.notes, *([UNKNOWN_MOVEMENT] if unknown else ()))
        return Interpretation(transaction(matched), self._application_reply(header, "AA", warnings), notes)

    def _identified(self, message: Message, matched: list[Matched]) -> list[Matched]:
        """What a message about the identity itself does: merge two records, or give one another number."""
        event = message.header.text(9, 2)
        if event in MERGING:
            if len(message.all("MRG")) > 1:
                raise MessageFault(ErrorCode.SEGMENT_SEQUENCE, phrase("Merge two records in a message, not more."), Place("MRG", 2))
            merge(matched)
        return renumber(matched) if event in RENUMBERING else matched

    async def _beside_the_stay(
        self, header: Header, message: Message, map_: Map, mends: Sequence[str], endpoint: FhirEndpoint
    ) -> Interpretation:
        """Documents and appointments: they speak of a person and a stay, and move neither."""
        run = map_.run(message, self.settings(header.sender))
        matched = await match_entries(run, map_, endpoint, STRATEGIES)
        await check_subject(matched, endpoint)
        keep_appointment(matched, run)
        files = await keep_document(matched, run, endpoint)
        reply = self._application_reply(header, "AA", warnings_of(message, run))
        return Interpretation(with_entries(transaction(matched), files), reply, (*mends, *run.notes))

    def map_for(self, message: Message) -> Map:
        """The map of a message; MessageFault (to be answered AR) where this kind of message is not taken."""
        check_header(message.header)
        self._check_kind(message)
        code, event = message.header.text(9), message.header.text(9, 2)
        maps = self.maps.of_sender(f"{message.header.text(3)}|{message.header.text(4)}")
        of_code = [one for one in maps.values() if code in codes(one)]
        found = next((one for one in of_code if event in one.accepts.get("event", ())), None)
        if found is None:
            taken = ", ".join(sorted(event for one in of_code for event in one.accepts.get("event", ())))
            sentence = phrase("The event {event} of {code} is not taken here (taken: {taken}).", event=event, code=code, taken=taken)
            raise MessageFault(ErrorCode.UNSUPPORTED_EVENT, sentence, EVENT, rejected=True)
        return found

    def _check_kind(self, message: Message) -> None:
        code = message.header.text(9)
        if not any(code in codes(one) for one in self.maps.maps.values()):
            taken = sorted({code for one in self.maps.maps.values() for code in codes(one)})
            sentence = phrase("This kind of message is not taken here (taken: {taken}).", taken=", ".join(taken))
            raise MessageFault(ErrorCode.UNSUPPORTED_MESSAGE_TYPE, sentence, Place("MSH", field=9), rejected=True)

    def accepted(self, raw: bytes) -> bytes:
        header = Header.of_bytes(raw)
        return self._reply(header, "CA", ()) if header.accept_wanted(True) else b""

    def applied(self, raw: bytes) -> bytes:
        return self._application_reply(Header.of_bytes(raw), "AA", ())

    def returned(self, raw: bytes, reply: bytes) -> OutgoingMessage | None:
        """To the listener of a partner that has one (HL7 2.5, 2.9.3.2); its key is MSH-10 of the acknowledgement, new each time."""
        partner = self.partners.get(Header.of_bytes(raw).sender)
        if partner is None:
            return None
        return OutgoingMessage(partner.name, f"ACK/{Header.of_bytes(reply).control_id}", asking(reply, partner.acknowledged), CONTENT_TYPE)

    def refused(self, raw: bytes, error: FhirError) -> bytes:
        code: Literal["AE", "AR"] = "AR" if isinstance(error, MessageFault) and error.rejected else "AE"
        return self._application_reply(Header.of_bytes(raw), code, findings_of(error))

    def not_kept(self, raw: bytes, error: FhirError) -> bytes:
        header = Header.of_bytes(raw)
        sentence = phrase("The message could not be stored and nothing of it was kept; send it again later.")
        finding = Finding(ErrorCode.INTERNAL, sentence, retry=error.category in RETRYABLE)
        if header.enhanced:
            return self._reply(header, "CE", [finding]) if header.accept_wanted(False) or header.application_wanted(False) else b""
        return self._reply(header, "AE", [finding])

    def not_admitted(self, raw: bytes, sentence: str) -> bytes:
        """The answer to a message whose sender may not send it here: there is no use in sending it again as it is."""
        header = Header.of_bytes(raw)
        finding = Finding(ErrorCode.UNKNOWN_KEY, sentence)
        if header.enhanced:
            return self._reply(header, "CR", [finding]) if header.accept_wanted(False) or header.application_wanted(False) else b""
        return self._reply(header, "AR", [finding])

    def fault_answer(self, fault: Fault) -> bytes | None:
        """The answer to bytes that were no whole frame; None where nobody can be answered, or is better left to send again."""
        sentence = FAULTS.get(fault.kind)
        header = Header.of_bytes(fault.beginning)
        if sentence is None or not header.control_id:
            return None
        code: Code = "CR" if header.enhanced else "AR"
        return self._reply(header, code, [Finding(ErrorCode.INTERNAL, sentence)])

    def _application_reply(self, header: Header, code: Literal["AA", "AE", "AR"], findings: Sequence[Finding]) -> bytes:
        return self._reply(header, code, findings) if header.application_wanted(code == "AA") else b""

    def _reply(self, header: Header, code: Code, findings: Sequence[Finding]) -> bytes:
        language = self.settings(header.sender).language or ("fr" if header.speaks_french else DEFAULT)
        return acknowledge(header, code, findings, self.now(), self.new_id(), language)


def codes(map_: Map) -> Sequence[str]:
    """The message codes (MSH-9.1) that a map takes: ADT unless it says others."""
    return tuple(map_.accepts.get("code", (ADT,)))


ADT = "ADT"
STRATEGIES: dict[str, Strategy] = {"identity": find_patient, "prior": find_prior, "survivor": find_survivor}
MERGING, RENUMBERING = ("A40",), ("A47",)
EVENT = Place("MSH", field=9, component=2)
UNKNOWN = Finding(ErrorCode.UNKNOWN_KEY, UNKNOWN_MOVEMENT + ".", Place("ZBE", field=1, component=1), "W")
FAULTS = {
    FaultKind.TOO_LARGE: SENTENCE,
    FaultKind.BROKEN_END: phrase("The frame does not end in FS CR; nothing of it was kept. Send the message again."),
}

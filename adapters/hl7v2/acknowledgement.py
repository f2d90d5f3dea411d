"""Acknowledgements (HL7 2.5, 2.9.2 and 2.15): MSH turned round, MSA, and an ERR for each thing that is wrong.

Original mode: one answer after the commit, AA, AE (this message's content is at fault) or AR (this kind of message is refused).
Enhanced mode, asked for by MSH-15 or MSH-16: CA, CE or CR as soon as the message is in the inbox or could not be put there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal

from adapters.hl7v2.charset import CODECS, declared_charset, writable
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.message import Message, Segment, Separators, escape, unescape
from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.language import DEFAULT
from fhir_server.model.phrase import in_language

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
SEPARATORS = Separators()
REMEMBERED_BYTES = 1000
"""Of a header line that is remembered; real ones have some 150."""

_LINE_END = re.compile(rb"[\r\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Header:
    """What an answer needs of the message it answers; made even of one that cannot be read (`Header.of_bytes`)."""

    application: str = ""
    facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""
    message_code: str = ""
    event: str = ""
    control_id: str = ""
    processing_id: str = "P"
    version: str = "2.5"
    accept_when: str = ""  # MSH-15
    apply_when: str = ""  # MSH-16
    country: str = ""
    charset: str = ""
    language: str = ""
    codec: str = field(default="ascii")

    @classmethod
    def of_bytes(cls, raw: bytes) -> Header:
        """The header of a message that may be unreadable: wrong bytes become question marks, absent fields are empty."""
        raw = raw.lstrip(b"\xef\xbb\xbf\r\n \t\x00")
        end = _LINE_END.search(raw)
        line = raw[: end.start()] if end else raw
        if line[:3] != b"MSH" or len(line) < 8:
            return cls()
        return _header(line) if len(line) <= REMEMBERED_BYTES else cls._of_line(line)

    @classmethod
    def _of_line(cls, line: bytes) -> Header:
        charset = declared_charset(line)
        codec = CODECS.get(charset, "ascii")
        text = _CONTROL.sub("", line.decode(codec, "replace"))
        return cls._of_segment(Segment(text, _header_separators(text), 1), charset if charset in CODECS else "", codec)

    @classmethod
    def _of_segment(cls, header: Segment, charset: str, codec: str) -> Header:
        echo = _echoes(header)
        return cls(
            application=echo[3],
            facility=echo[4],
            receiving_application=echo[5],
            receiving_facility=echo[6],
            message_code=header.text(9),
            event=escape(header.text(9, 2), SEPARATORS),
            control_id=echo[10][:199],
            processing_id=echo[11] or "P",
            version=echo[12] or "2.5",
            accept_when=header.text(15),
            apply_when=header.text(16),
            country=echo[17],
            charset=charset,
            language=echo[19],
            codec=codec,
        )

    @property
    def sender(self) -> str:
        """Who numbers the messages: sending application and facility."""
        return f"{self.application}|{self.facility}"

    @property
    def speaks_french(self) -> bool:
        """What MSH-19 says; where it says nothing, the country of MSH-17."""
        return self.language[:2].lower() == "fr" if self.language else self.country[:3].upper() == "FRA"

    @property
    def enhanced(self) -> bool:
        return bool(self.accept_when or self.apply_when)

    def accept_wanted(self, success: bool) -> bool:
        """Whether the accept acknowledgement (CA, CE, CR) is asked for: MSH-15 (table 0155)."""
        return self.enhanced and _wanted(self.accept_when, success)

    def application_wanted(self, success: bool) -> bool:
        """Whether the application acknowledgement (AA, AE, AR) is asked for: original mode, or MSH-16."""
        return not self.enhanced or _wanted(self.apply_when, success)


@lru_cache(maxsize=256)
def _header(line: bytes) -> Header:
    """Of the same message it is asked for several times: who sends, whether an answer is wanted, the answer."""
    return Header._of_line(line)


def _echoes(header: Segment) -> list[str]:
    """The fields as they may stand in an answer, which has the usual separators whatever the message has; absent ones are empty."""
    fields = [*header.fields[:20], *[""] * (20 - len(header.fields))]
    return fields if header.separators == SEPARATORS else [_echo(one, header.separators) for one in fields]


def _echo(raw: str, separators: Separators) -> str:
    components = raw.split(separators.component)
    return "^".join(escape(unescape(one, separators), SEPARATORS) for one in components)


def _wanted(condition: str, success: bool) -> bool:
    return condition == "AL" or condition == ("SU" if success else "ER")


def _header_separators(line: str) -> Separators:
    """Those that the header declares, or the usual ones where it declares none that can be used."""
    encoding = line[4:8]
    if len(line) < 9 or encoding[:1].isalnum():
        return SEPARATORS
    marks = encoding.split(line[3])[0].ljust(4, "\0")
    return Separators(line[3], marks[0], marks[1], marks[2], marks[3])


@dataclass(frozen=True, slots=True)
class Finding:
    """One ERR segment: severity E, W or I (table 0516), a sentence for a person, and whether the same message may be sent again."""

    code: ErrorCode
    sentence: str
    place: Place | None = None
    severity: Literal["E", "W", "I"] = "E"
    retry: bool = False


def acknowledge(header: Header, code: Code, findings: Sequence[Finding], now: datetime, control_id: str, language: str = DEFAULT) -> bytes:
    """The answer to a message, in the character set of the message; `language`: of its sentences."""
    errors = [_err(one, language, header.codec) for one in findings]
    lines = [_msh(header, now, control_id), f"MSA|{code}|{header.control_id}", *errors]
    return ("\r".join(lines) + "\r").encode(header.codec, "replace")


def _msh(header: Header, now: datetime, control_id: str) -> str:
    event = header.event
    fields = [
        "MSH",
        "^~\\&",
        header.receiving_application,
        header.receiving_facility,
        header.application,
        header.facility,
        now.strftime("%Y%m%d%H%M%S%z"),
        "",
        f"ACK^{event}^ACK" if event else "ACK",
        control_id,
        header.processing_id,
        header.version,
        *("", "", "", ""),
        header.country,
        header.charset,
        header.language,
    ]
    return "|".join(fields).rstrip("|")


def _err(finding: Finding, language: str, codec: str) -> str:
    """ERR-2 place, ERR-3 table 0357, ERR-4 severity, ERR-6 whether to retry, ERR-8 the sentence; ERR-7 in English where that is another."""
    said = escape(writable(in_language(finding.sentence, language), codec), SEPARATORS)
    english = escape(finding.sentence, SEPARATORS)
    where = _location(finding.place) if finding.place else ""
    code = f"{finding.code.code}^{finding.code.meaning}^HL70357"
    retry = "retry" if finding.retry else ""
    return f"ERR||{where}|{code}|{finding.severity}||{retry}|{english if english != said else ''}|{said}"


def _location(place: Place) -> str:
    parts = [place.segment, place.occurrence, place.field, place.repetition, place.component]
    return "^".join("" if part is None else str(part) for part in parts).rstrip("^")


RETRYABLE = (Category.STORAGE, Category.BUSY, Category.CONFLICT)


def findings_of(error: FhirError) -> list[Finding]:
    """A refusal as ERR segments."""
    if isinstance(error, MessageFault):
        return [Finding(error.code, error.issues[0].diagnostics, error.place)]
    retry = error.category in RETRYABLE
    locked = error.category in (Category.BUSY, Category.CONFLICT)
    return [
        Finding(_code_of(issue, locked), issue.diagnostics, PLACES.get(issue.expression or ""), retry=retry)
        for issue in error.issues
        if issue.is_error
    ]


def _code_of(issue: Issue, locked: bool) -> ErrorCode:
    return ErrorCode.RECORD_LOCKED if locked else BY_ISSUE.get(issue.code, ErrorCode.INTERNAL)


BY_ISSUE = {
    "value": ErrorCode.DATA_TYPE,
    "required": ErrorCode.REQUIRED_FIELD_MISSING,
    "multiple-matches": ErrorCode.DUPLICATE_KEY,
    "conflict": ErrorCode.UNKNOWN_KEY,
}


PLACES = {
    "Patient.identifier": Place("PID", field=3),
    "Patient.name": Place("PID", field=5),
    "Patient.link": Place("MRG", field=1),
    "Patient.birthDate": Place("PID", field=7),
    "Patient.gender": Place("PID", field=8),
    "Encounter.identifier": Place("PV1", field=19),
}
"""Where in an ADT message an element comes from, for the refusals that only the finished resources allow."""


def asking(reply: bytes, accept: str) -> bytes:
    """An acknowledgement that goes out as a message of its own, asking for an accept acknowledgement (`accept`, MSH-15) and no other."""
    header, end, rest = reply.partition(b"\r")
    fields = header.split(b"|")
    fields += [b""] * (16 - len(fields))
    fields[14:16] = [accept.encode(), b"NE"]
    return b"|".join(fields) + end + rest


def acknowledgement_code(reply: bytes) -> str:
    """MSA-1 of an answer, empty where it has none."""
    return Message.parse(reply).text("MSA", 1)


def may_come_again(reply: bytes) -> bool:
    """True where an answer asks for the same message again later (ERR-6 `retry`)."""
    return bool(reply) and any(one.text(6) == "retry" for one in Message.parse(reply).all("ERR"))

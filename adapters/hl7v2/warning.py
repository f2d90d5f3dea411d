"""What is wrong with a message that is taken all the same: an ERR segment of severity W beside AA (HL7 2.5, table 0516)."""

from __future__ import annotations

from adapters.exchange.identity import INS_SYSTEMS, WRONG_KEY
from adapters.hl7v2.acknowledgement import Finding
from adapters.hl7v2.fault import ErrorCode, Place
from adapters.hl7v2.message import Message
from adapters.mapping.run import Run
from fhir_server.identifiers.nir import has_right_key


def warnings_of(message: Message, run: Run) -> list[Finding]:
    """Those that the run noted and the sender should mend."""
    if WRONG_KEY not in run.notes:
        return []
    return [Finding(ErrorCode.DATA_TYPE, WRONG_KEY + ".", place, "W") for place in _wrong_ins(message)]


def _wrong_ins(message: Message) -> list[Place]:
    return [
        Place("PID", 1, 3, one.number, 1)
        for one in message.by_name["PID"][0].repetitions(3)
        if f"urn:oid:{one.text(3, 1)}" in INS_SYSTEMS and not has_right_key(one.text())
    ]

"""Whatever is done to a message, it is kept and answered, and no fault of ours is the reason of a refusal."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter
from adapters.mapping.maps import Library
from tests.hl7v2.conftest import MESSAGES
from tests.memory_endpoint import MemoryEndpoint

FILES = sorted(MESSAGES.glob("*.er7"))
PIECES = [
    b"",
    b"|",
    b"^",
    b"~",
    b"&",
    b"\\",
    b"\r",
    b'""',
    b"||||||||||",
    b"\xc3",
    b"\x00",
    b"99999999999999",
    b"A03",
    b"~" * 50,
    b"\\X41\\",
    b"ZBE|",
    b"PID|",
]
EDIT = st.tuples(st.integers(0, 1400), st.integers(0, 30), st.sampled_from(PIECES))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), edits=st.lists(EDIT, min_size=1, max_size=6))
def test_mutated_messages_are_kept_and_answered(file: object, edits: list[tuple[int, int, bytes]], library: Library) -> None:
    raw = file.read_bytes()  # type: ignore[attr-defined]
    for at, length, piece in edits:
        raw = raw[:at] + piece + raw[at + length :]
    endpoint = MemoryEndpoint()
    intake = Intake(endpoint, endpoint.inbox, AdtInterpreter(library), pauses=(0.0,))

    async def run() -> bytes:
        reply = await intake.take(raw)
        await intake.drain()
        return reply or b""

    reply = asyncio.run(run())
    row = endpoint.inbox.rows[0]
    assert row.raw == raw
    assert row.status in ("processed", "failed")
    assert "could not be processed" not in (row.note or "")
    assert not reply or acknowledgement_code(reply) in ("AA", "AE", "AR", "CA")

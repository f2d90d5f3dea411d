"""The whole HL7 v2 listener as one thing to start and stop: maps, intake, recovery, MLLP."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.endpoint import FhirEndpoint, Inbox
from adapters.exchange.intake import Intake
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.language import PARIS, SenderSettings
from adapters.hl7v2.mllp import DEFAULT_LIMIT
from adapters.hl7v2.server import Admit, MllpServer, admit_all

Refusal = Callable[[str, str], Awaitable[str | None]]
"""A sender (`application|facility`) and the address it sends from: None where it may, else a sentence that says why not."""

log = logging.getLogger("passerelle.mllp")


def admitting(interpreter: AdtInterpreter, refusal: Refusal) -> Admit:
    """Refuses messages before anything of them is kept."""

    async def admit(message: bytes, address: str) -> bytes | None:
        sender = interpreter.envelope(message).sender
        sentence = await refusal(sender, address)
        if sentence is None:
            return None
        log.warning("a message in the name of %s was refused: it came from %s", sender, address)
        return interpreter.not_admitted(message, sentence)

    return admit


@asynccontextmanager
async def hl7v2_listener(
    endpoint: FhirEndpoint,
    inbox: Inbox,
    *,
    host: str = "127.0.0.1",
    port: int = 2575,
    limit: int = DEFAULT_LIMIT,
    idle: float = 600.0,
    zone: ZoneInfo = PARIS,
    zones: Mapping[str, ZoneInfo] | None = None,
    folder: Path | None = None,
    refusal: Refusal | None = None,
) -> AsyncIterator[MllpServer]:
    """Listening while the block runs; `server.port` is the real port. On the way out running messages are finished.

    What a crash left in the inbox is processed first. `zones`: the zone of a sender (`application|facility`) where it is not `zone`;
    `folder`: maps other than those that come with the program; `refusal`: who may send in which name, anyone where there is none.
    """
    by_sender = {sender: SenderSettings(one) for sender, one in (zones or {}).items()}
    interpreter = AdtInterpreter(load_maps(folder), settings=lambda sender: by_sender.get(sender, SenderSettings(zone)))
    intake = Intake(endpoint, inbox, interpreter)
    await intake.recover()
    admit = admitting(interpreter, refusal) if refusal else admit_all
    server = MllpServer(intake.take, host=host, port=port, limit=limit, idle=idle, answer_fault=interpreter.fault_answer, admit=admit)
    await server.start()
    try:
        async with intake.watching():
            yield server
    finally:
        await server.stop()
        await intake.drain()

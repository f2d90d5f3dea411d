"""HL7 v2 as one thing to start and stop: maps, intake and recovery; and the MLLP listener in front of it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.endpoint import FhirEndpoint, Inbox
from adapters.exchange.intake import Intake
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.language import PARIS, SenderSettings
from adapters.hl7v2.mllp import DEFAULT_LIMIT
from adapters.hl7v2.reception import Reception, Refusal, refuse_nobody
from adapters.hl7v2.server import MllpServer


@asynccontextmanager
async def hl7v2_reception(
    endpoint: FhirEndpoint,
    inbox: Inbox,
    *,
    zone: ZoneInfo = PARIS,
    zones: Mapping[str, ZoneInfo] | None = None,
    folder: Path | None = None,
    refusal: Refusal = refuse_nobody,
    recovers: bool = True,
) -> AsyncIterator[Reception]:
    """Messages are taken while the block runs, by whatever transport; on the way out those that run are finished.

    What a crash left in the inbox is processed first, and what is to be replayed as it comes, where this process `recovers`. `zones`:
    the zone of a sender (`application|facility`) where it is not `zone`; `folder`: maps other than those that come with the program;
    `refusal`: who may send in which name.
    """
    by_sender = {sender: SenderSettings(one) for sender, one in (zones or {}).items()}
    interpreter = AdtInterpreter(load_maps(folder), settings=lambda sender: by_sender.get(sender, SenderSettings(zone)))
    intake = Intake(endpoint, inbox, interpreter)
    if recovers:
        await intake.recover()
    try:
        async with intake.watching() if recovers else nullcontext():
            yield Reception(intake, interpreter, refusal)
    finally:
        await intake.drain()


@asynccontextmanager
async def mllp_listener(
    reception: Reception,
    *,
    host: str = "127.0.0.1",
    port: int = 2575,
    limit: int = DEFAULT_LIMIT,
    idle: float = 600.0,
    connections: int = 200,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[MllpServer]:
    """Listening while the block runs; `server.port` is the real port. On the way out running messages are finished."""
    server = MllpServer(
        reception.receive, host=host, port=port, limit=limit, idle=idle, connections=connections,
        answer_fault=reception.interpreter.fault_answer, tls=tls,
    )  # fmt: skip
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def hl7v2_listener(
    endpoint: FhirEndpoint, inbox: Inbox, *, port: int = 2575, refusal: Refusal = refuse_nobody, tls: ssl.SSLContext | None = None
) -> AsyncIterator[MllpServer]:
    """Both, with everything else as it comes."""
    async with hl7v2_reception(endpoint, inbox, refusal=refusal) as reception, mllp_listener(reception, port=port, tls=tls) as server:
        yield server

"""HL7 v2 as one thing to start and stop: maps, intake and recovery; and the MLLP listener in front of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.endpoint import FhirEndpoint, Inbox
from adapters.exchange.intake import Intake
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.handshake import Refusals
from adapters.hl7v2.mllp import DEFAULT_LIMIT
from adapters.hl7v2.partner import Partner
from adapters.hl7v2.reception import Reception, Refusal, refuse_nobody
from adapters.hl7v2.sender import PARIS, SenderSettings
from adapters.hl7v2.server import MllpServer
from adapters.mapping.document import default_folder
from adapters.mapping.live import watch
from adapters.mapping.maps import Library
from fhir_server.model.schema import Schema


def settings_by_sender(
    zone: ZoneInfo, zones: Mapping[str, ZoneInfo], languages: Mapping[str, str] | None = None
) -> Callable[[str], SenderSettings]:
    """A look-up by `application|facility`: `zones` and `languages` name both, or the application (MSH-3) alone."""
    spoken = languages or {}

    @lru_cache(maxsize=256)
    def settings(sender: str) -> SenderSettings:
        alone = sender.partition("|")[0]
        return SenderSettings(zones.get(sender) or zones.get(alone) or zone, spoken.get(sender) or spoken.get(alone) or "")

    return settings


async def _watch(interpreter: AdtInterpreter, folder: Path | None, sites: Path | None, load: Callable[[], Library]) -> None:
    """The maps in use are those that the files say, without a restart."""

    def use(library: Library) -> None:
        interpreter.maps = library

    folders = [folder or default_folder(), *([sites] if sites else [])]
    await watch(folders, load, use)


@asynccontextmanager
async def hl7v2_reception(
    endpoint: FhirEndpoint,
    inbox: Inbox,
    *,
    zone: ZoneInfo = PARIS,
    zones: Mapping[str, ZoneInfo] | None = None,
    languages: Mapping[str, str] | None = None,
    folder: Path | None = None,
    sites: Path | None = None,
    schema: Schema | None = None,
    refusal: Refusal = refuse_nobody,
    recovers: bool = True,
    partners: Mapping[str, Partner] | None = None,
) -> AsyncIterator[Reception]:
    """Messages are taken while the block runs, by whatever transport; on the way out those that run are finished.

    Where this process `recovers`, what a crash left in the inbox is processed beside what comes new, of each sender first, and what is to
    be replayed as it comes. `zones`: the zone of a sender (`application|facility`) where it is not `zone`; `languages`: of the answers to
    a sender; `folder`: maps other than those that come with the program, `sites`: what single senders mean otherwise, both read again when
    they change, and both checked against `schema`, the types of FHIR; `refusal`: who may send in which name; `partners`: as for the
    interpreter.
    """
    load = partial(load_maps, folder, sites=sites, schema=schema)
    interpreter = AdtInterpreter(load(), settings=settings_by_sender(zone, zones or {}, languages), partners=partners)
    intake = Intake(endpoint, inbox, interpreter)
    watching = asyncio.create_task(_watch(interpreter, folder, sites, load))
    try:
        async with intake.recovery.running() if recovers else nullcontext():
            yield Reception(intake, interpreter, refusal)
    finally:
        watching.cancel()
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
    refusals: Refusals | None = None,
) -> AsyncIterator[MllpServer]:
    """Listening while the block runs; `server.port` is the real port. On the way out running messages are finished."""
    server = MllpServer(
        reception.receive, host=host, port=port, limit=limit, idle=idle, connections=connections,
        answer_fault=partial(reception.fault_answer, limit), tls=tls, refusals=refusals,
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

"""`passerelle worker`: delivers messages to others, beside servers that do not. Any number of workers share a PostgreSQL database."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import typer
import uvloop

from fhir_server.commands.options import takes_every_setting
from fhir_server.logs import configure_logs
from fhir_server.settings import Settings, explain_settings, provide_password


@takes_every_setting
def command(config: Path | None = None, **options: Any) -> None:
    """Deliver messages to others until Ctrl-C or SIGTERM. Needs no port; several may run on one PostgreSQL database."""
    loaded = explain_settings(options, config)
    provide_password(loaded.settings)
    configure_logs(loaded.settings.log_format, loaded.settings.log_level)
    for warning in loaded.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    uvloop.run(_work(loaded.settings))


async def _work(settings: Settings) -> None:
    import structlog

    from fhir_server.assembly import assembled
    from fhir_server.delivery import delivering
    from fhir_server.fhir_base import fhir_service
    from fhir_server.following import with_own_topics
    from fhir_server.metrics import Metrics
    from fhir_server.worker_health import told_where_asked

    log = structlog.stdlib.get_logger("passerelle.worker")
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    metrics = Metrics()
    async with (
        assembled(settings) as parts,
        with_own_topics(parts.topics, settings),
        delivering(parts, settings, fhir_service(parts, settings), metrics) as delivery,
        told_where_asked(settings.metrics_port, lambda: delivery.looked, parts.store, metrics) as port,
    ):
        log.info("delivering", owner=delivery.owner, metrics_port=port)
        await stopping.wait()
    log.info("stopped", delivered=delivery.delivered)

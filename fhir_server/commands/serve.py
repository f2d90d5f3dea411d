"""`passerelle serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from fhir_server.commands.options import takes_every_setting
from fhir_server.issuers import issuers_of
from fhir_server.logs import configure_logs
from fhir_server.settings import Settings, explain_settings, provide_password, require_protection

UVICORN_STARTUP_FAILURE = 3


@takes_every_setting
def command(config: Path | None = None, **options: Any) -> None:
    """Run the server until Ctrl-C or SIGTERM: FHIR over HTTP at /fhir, HL7 v2 over MLLP, the start page at /."""
    loaded = explain_settings(options, config)
    require_protection(loaded.settings)
    issuers_of(loaded.settings)
    provide_password(loaded.settings)
    configure_logs(loaded.settings.log_format, loaded.settings.log_level)
    for warning in loaded.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    _serve(loaded.settings)


def _serve(settings: Settings) -> None:
    from fhir_server.app import serve  # here, so that a wrong setting is told at once

    try:
        serve(settings)
    except SystemExit as ended:
        if ended.code != UVICORN_STARTUP_FAILURE:
            raise
        place = f"{settings.host}:{settings.port}"
        typer.echo(f"HTTP cannot listen on {place}; the reason is above. If another server runs there, name another --port.", err=True)
        raise typer.Exit(2) from None

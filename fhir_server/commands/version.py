"""`passerelle version`."""

from __future__ import annotations

import typer

from fhir_server.version import version


def command() -> None:
    """Print the version."""
    typer.echo(f"passerelle {version()}")

"""`passerelle health`: what a container's health check calls."""

from __future__ import annotations

import urllib.error
import urllib.request

import typer

from fhir_server.commands.options import Server

TIMEOUT_SECONDS = 5


def command(server: Server = "http://127.0.0.1:8080") -> None:
    """Ask a running server whether it is ready: status 0 when it is, 1 when it is not or does not answer."""
    address = server.rstrip("/") + "/health/ready"
    if not address.startswith(("http://", "https://")):
        typer.echo(f"{server} is not an http:// or https:// address.", err=True)
        raise typer.Exit(2)
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 (the scheme is checked above)
            typer.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        typer.echo(error.read().decode(errors="replace"), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{address} does not answer: {error}", err=True)
        raise typer.Exit(1) from None

"""`passerelle send hl7 FILE`: one HL7 v2 message to a running listener."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.model.issue import Category, fault

command = typer.Typer(rich_markup_mode=None)

MessageFile = Annotated[Path, typer.Argument(metavar="FILE", help="One message; its segments may end in CR, LF or both.")]
Host = Annotated[str, typer.Option("--host", help="Where the listener is.")]
MllpPort = Annotated[int, typer.Option("--mllp-port", envvar="PASSERELLE_MLLP_PORT", help="The listener's port.")]
Patience = Annotated[float, typer.Option("--patience", metavar="SECONDS", help="How long to wait for the answer.")]
Tls = Annotated[bool, typer.Option("--tls", help="Send over TLS.")]
Authorities = Annotated[
    Path | None, typer.Option("--authorities", metavar="FILE", help="Authorities (PEM) to trust instead of the system's; means --tls.")
]
Certificate = Annotated[Path | None, typer.Option("--certificate", metavar="FILE", help="Certificate (PEM) to show; means --tls.")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its private key (PEM), where that is in a file of its own.")]
ACCEPTED = ("AA", "CA")


@command.callback()
def send() -> None:
    """Send a message to a server."""


@command.command("hl7")
def hl7(
    file: MessageFile, host: Host = "127.0.0.1", mllp_port: MllpPort = 2575, patience: Patience = 30.0, tls: Tls = False,
    authorities: Authorities = None, certificate: Certificate = None, key: Key = None,
) -> None:  # fmt: skip
    """Send one HL7 v2 message by MLLP and show the answer; status 0 when it is accepted (AA, CA), 1 when it is not."""
    from adapters.hl7v2.acknowledgement import acknowledgement_code
    from adapters.hl7v2.client import as_sent, send

    if not file.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no file {file}.")
    secured = _context(authorities, certificate, key) if tls or authorities or certificate else None
    answer = asyncio.run(send(as_sent(file.read_bytes()), host, mllp_port, patience, tls=secured))
    typer.echo(answer.decode("utf-8", "replace").replace("\r", "\n").rstrip() or "Sent; the message asks for no answer (MSH-15, MSH-16).")
    if answer and acknowledgement_code(answer) not in ACCEPTED:
        raise typer.Exit(1)


def _context(authorities: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    from adapters.hl7v2.tls import client_context

    return client_context(authorities, certificate, key)

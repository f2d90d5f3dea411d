"""The command `passerelle`. Each command is a file of `fhir_server.commands`, imported when it is called and not before,
so that `passerelle --help` is quick and one that is broken leaves the others working.
"""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from fhir_server.model.issue import FhirError

COMMANDS = {
    "serve": "Run the server: FHIR over HTTP, HL7 v2 over MLLP.",
    "validate": "Check resources against R4 and profiles.",
    "profile": "Profiles: show what one asks, as a table.",
    "id": "National identifiers: check and explain them.",
    "fhirpath": "Evaluate a FHIRPath expression on a resource.",
    "clients": "Software that may call: registered, given new keys, revoked.",
    "send": "Send a message to a server.",
    "map": "Maps of foreign messages: check, try and explain them.",
    "inbox": "Messages that came in, and what became of them.",
    "exchange": "Messages in and out: list them, replay what failed, pause a destination.",
    "topics": "What may be subscribed to; topics of your own checked.",
    "worker": "Deliver messages to others.",
    "audit": "Who did what: verify that nothing was removed or changed, list it.",
    "person": "Rights of the person: all about one, handed over or erased.",
    "import": "Load resources: Bundles and NDJSON, plain or compressed.",
    "export": "Write resources out.",
    "backup": "Copy the store to a file while the server runs.",
    "db": "The database: bring it up to this release, check it, index it anew.",
    "restore": "Put a backup in place of the store.",
    "demo": "Demonstration data.",
    "packages": "FHIR packages: add and list them.",
    "config": "Settings: what they are and where they come from.",
    "health": "Ask a running server whether it is ready.",
    "version": "Print the version.",
}
COULD_NOT_RUN = 2
PRIVATE = 0o077
"""What the commands write (the store, exports, backups) holds health data: it is for this user only."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its status (see `fhir_server.commands`)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(os.umask(0) | PRIVATE)
    try:
        application(given)(args=given, prog_name="passerelle")
    except FhirError as error:
        for issue in error.issues:
            typer.echo(issue.diagnostics, err=True)
        sys.exit(COULD_NOT_RUN)


def application(arguments: Sequence[str]) -> typer.Typer:
    """All commands by name and purpose; of the one that `arguments` calls, the real thing."""
    app = typer.Typer(
        help="A FHIR R4 server with adapters for care coordination in France.",
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    )  # fmt: skip
    app.callback()(_no_options)
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, purpose in COMMANDS.items():
        if name == called:
            _add_called(app, name, purpose)
        elif _is_there(name):
            app.command(name, help=purpose)(_not_called)
    return app


def _add_called(app: typer.Typer, name: str, purpose: str) -> None:
    if not _is_there(name):
        return
    command = _load(name)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name, help=purpose, no_args_is_help=True)
    else:
        app.command(name)(command)


def _module(name: str) -> str:
    return f"fhir_server.commands.{name}{'_' if keyword.iskeyword(name) else ''}"


def _is_there(name: str) -> bool:
    return importlib.util.find_spec(_module(name)) is not None


def _load(name: str) -> Any:
    try:
        return importlib.import_module(_module(name)).command
    except ImportError as error:
        typer.echo(f"The command {name} cannot be loaded: {error}. Run `make install`, or install the package again.", err=True)
        sys.exit(COULD_NOT_RUN)


def _no_options() -> None:
    """`passerelle COMMAND --help` explains a command."""


def _not_called() -> None:
    raise AssertionError("only a name in the list of commands")

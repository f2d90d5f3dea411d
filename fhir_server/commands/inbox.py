"""`passerelle inbox`: the messages that came in, what became of them, and why one failed."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault
from fhir_server.with_store import with_store

if TYPE_CHECKING:
    from fhir_server.store.inbox import InboxRow

command = typer.Typer(rich_markup_mode=None)


class Status(StrEnum):
    """What became of a message."""

    received = "received"
    processed = "processed"
    failed = "failed"


WithStatus = Annotated[Status | None, typer.Option("--status", help="Only messages of this status.")]
From = Annotated[str | None, typer.Option("--sender", metavar="'APPLICATION|FACILITY'", help="Only messages of this sender.")]
Key = Annotated[str | None, typer.Option("--key", help="Only messages with this number of the sender (MSH-10).")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only from this date or time on; UTC unless it has an offset.")]
Count = Annotated[int, typer.Option("--count", "--limit", min=1, max=1_000_000, help="At most so many, the newest first.")]
Older = Annotated[int | None, typer.Option("--before", metavar="NUMBER", min=1, max=2**62, help="Only older ones than that.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number that `passerelle inbox list` shows.")]

Raw = Annotated[bool, typer.Option("--raw", help="The content alone, byte for byte: redirect it to a file, mend it, send it again.")]


@command.callback()
def inbox() -> None:
    """Messages as they came, and what became of them."""


@command.command("list")
def list_messages(
    status: WithStatus = None, sender: From = None, key: Key = None, since: Since = None, count: Count = 100, before: Older = None,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """One line for each message, the newest first: number, time of receipt (UTC), status, sender, the sender's number, note.

    No content is shown.
    """
    from fhir_server.exchange_desk import moment
    from fhir_server.store.inbox import InboxFilter
    from fhir_server.store.newest import Before

    wanted = InboxFilter(status.value if status else None, sender, key)
    page = Before(count + 1, before, moment(since) if since else None)
    rows = asyncio.run(with_store(store_settings(data, database, config), lambda store: store.inbox.newest(wanted, page)))
    for row in rows[:count]:
        typer.echo(_line(row))
    if len(rows) > count:
        typer.echo(f"There are older ones: --before {rows[count - 1].number}", err=True)


@command.command("show")
def show(number: Number, raw: Raw = False, data: Data = None, database: Database = None, config: Config = None) -> None:
    """A message with its note, its answer, and its content as it came: it holds data of a patient."""
    row = asyncio.run(with_store(store_settings(data, database, config), lambda store: store.inbox.read(number)))
    if row is None:
        raise fault(Category.NOT_FOUND, "not-found", f"There is no message {number}; `passerelle inbox list` shows those there are.")
    if raw:
        typer.echo(row.raw, nl=False)
        return
    typer.echo(_line(row))
    for part in (row.raw, row.reply or b"(no answer yet)"):
        typer.echo("\n" + part.decode("utf-8", "backslashreplace").replace("\r", "\n").rstrip())


def _line(row: InboxRow) -> str:
    from fhir_server.store.stored import instant

    parts = (str(row.number), instant(row.received), row.status, row.sender, row.key or "(no number)", row.note or "")
    return "  ".join(parts).rstrip()

"""`passerelle exchange`: where a message is, in and out; what failed sent again; a destination paused."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault
from fhir_server.with_store import with_store

if TYPE_CHECKING:
    from fhir_server.exchange_desk import Passage
    from fhir_server.store.store import Store

command = typer.Typer(rich_markup_mode=None)


class Direction(StrEnum):
    """Which way a message goes."""

    incoming = "in"
    outgoing = "out"


class State(StrEnum):
    """What became of a message; the first two of those that came in, the last three of those that go out."""

    received = "received"
    processed = "processed"
    failed = "failed"
    waiting = "waiting"
    delivered = "delivered"
    dead = "dead"


Way = Annotated[Direction | None, typer.Option("--direction", help="Only messages that came in, or that go out.")]
WithStatus = Annotated[State | None, typer.Option("--status", help="Only messages of this status.")]
To = Annotated[str | None, typer.Option("--destination", metavar="NAME", help="Only messages to this destination.")]
About = Annotated[str | None, typer.Option("--about", metavar="Patient/ID", help="Only messages that go out about this person.")]
From = Annotated[str | None, typer.Option("--sender", metavar="'APPLICATION|FACILITY'", help="Only messages that came from this sender.")]
Key = Annotated[str | None, typer.Option("--key", help="Only messages with this number of the sender (MSH-10), or this key.")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only from this date or time on; UTC unless it has an offset.")]
Count = Annotated[int, typer.Option("--count", "--limit", min=1, max=1_000_000, help="At most so many each way, the newest first.")]
Older = Annotated[str | None, typer.Option("--before", metavar="ID", help="Older messages of the same way than in-NUMBER or out-NUMBER.")]
Number = Annotated[str, typer.Argument(metavar="ID", help="in-NUMBER or out-NUMBER, as `passerelle exchange list` shows it.")]
Numbers = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="in-NUMBER or out-NUMBER; else all that the options say.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The destination.")]
Raw = Annotated[bool, typer.Option("--raw", help="The content alone, byte for byte.")]
Days = Annotated[int, typer.Option("--days", min=0, help="Only what ended before so many days.")]
Ended = Annotated[State, typer.Option("--status", help="dead, delivered, processed or failed.")]


@command.callback()
def exchange() -> None:
    """Messages that came in and messages to others. Lists show no content."""


@command.command("list")
def list_messages(
    direction: Way = None, status: WithStatus = None, destination: To = None, about: About = None, sender: From = None, key: Key = None,
    since: Since = None, count: Count = 100, before: Older = None,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """One line for each message, the newest first: id, time (UTC), status, sender or destination, key, attempts, note."""
    from fhir_server.exchange_desk import Wanted, moment, passages

    wanted = Wanted(direction and direction.value, status and status.value, destination, about, sender=sender, key=key)
    begins = moment(since) if since else None
    settings = store_settings(data, database, config)
    found = asyncio.run(with_store(settings, lambda store: passages(store, wanted, count, begins, before)))
    for one in found.messages:
        typer.echo(_line(one))
    if not found.messages:
        whole = sender is None or "|" in sender
        typer.echo("There is no such message." if whole else "A sender is MSH-3 and MSH-4 with | between them: 'GAM|CHU'.", err=True)
    for id_ in found.more:
        typer.echo(f"There are older ones: --before {id_}", err=True)


@command.command("show")
def show(id_: Number, raw: Raw = False, data: Data = None, database: Database = None, config: Config = None) -> None:
    """A message with its content: it holds data of a patient."""
    from fhir_server.exchange_desk import passage, place

    way, number = place(id_)
    found = asyncio.run(with_store(store_settings(data, database, config), lambda store: passage(store, way, number)))
    if found is None:
        raise fault(Category.NOT_FOUND, "not-found", f"There is no message {id_}; `passerelle exchange list` shows those there are.")
    if raw:
        typer.echo(found.content, nl=False)
        return
    typer.echo(_line(found))
    for part in filter(None, (found.content, found.reply)):
        typer.echo("\n" + part.decode("utf-8", "backslashreplace").replace("\r", "\n").rstrip())


@command.command("replay")
def replay(
    ids: Numbers = None, direction: Way = None, status: WithStatus = None, destination: To = None, about: About = None, sender: From = None,
    key: Key = None, data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """Send dead letters, or what was delivered, once more; have failed messages processed once more by the running server."""
    from fhir_server.exchange_desk import Wanted, place, replayed

    for id_ in ids or ():
        place(id_)
    wanted = Wanted(direction and direction.value, status and status.value, destination, about, sender=sender, key=key)
    if not ids and wanted == Wanted():
        raise fault(Category.INVALID, "required", "Say which: ids, or --status dead or failed, --destination, --about, --sender, --key.")

    async def work(store: Store) -> tuple[int, list[str]]:
        if not ids:
            return await replayed(store, wanted), []
        left = [why for id_ in ids if (why := await _replay_one(store, id_))]
        return len(ids) - len(left), left

    count, left = asyncio.run(with_store(store_settings(data, database, config), work))
    typer.echo(f"{count} to be tried again.")
    for why in left:
        typer.echo(why, err=True)
    raise typer.Exit(1 if any(why.startswith(NOT_THERE) for why in left) else 0)


async def _replay_one(store: Store, id_: str) -> str | None:
    """Let one message go again, or say why it does not."""
    from fhir_server.exchange_desk import Wanted, place, replayed, why_left

    way, number = place(id_)
    if await replayed(store, Wanted(way, number=number)):
        return None
    return await why_left(store, way, number) or f"{NOT_THERE} {id_}."


NOT_THERE = "There is no message"


@command.command("pause")
def pause(destination: Name, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Deliver nothing to a destination until `resume`; its messages wait."""
    from fhir_server.exchange_desk import known_destinations

    async def work(store: Store) -> list[str]:
        known = await known_destinations(store)
        await store.outbox.pause(destination)
        return known

    known = asyncio.run(with_store(store_settings(data, database, config), work))
    typer.echo(f"{destination} is paused.")
    if destination not in known:
        typer.echo(f"No message was ever to go to {destination}; to these there were: {', '.join(known) or 'none'}.", err=True)


@command.command("resume")
def resume(destination: Name, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Go on with a destination, at once even where it was left alone after failures or its messages were to be tried later."""
    asyncio.run(with_store(store_settings(data, database, config), lambda store: store.outbox.resume(destination)))
    typer.echo(f"{destination} goes on.")


@command.command("destinations")
def destinations(data: Data = None, database: Database = None, config: Config = None) -> None:
    """One line for each destination that something was ever sent to: open, paused or left alone until; how many wait, how many are dead."""
    from fhir_server.exchange_desk import standing

    for line in asyncio.run(with_store(store_settings(data, database, config), standing)):
        typer.echo(line)


@command.command("purge")
def purge(
    status: Ended, days: Days = 30, destination: To = None, about: About = None,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """Remove messages for good that ended, or came in, before so many days. What waits is never removed."""
    from fhir_server.exchange_desk import OUTGOING, Wanted, purged

    if (destination or about) and status.value not in OUTGOING:
        raise fault(Category.INVALID, "invalid", "--destination and --about go with --status dead or delivered.")
    wanted = Wanted(status=status.value, destination=destination, lane=about)
    count = asyncio.run(with_store(store_settings(data, database, config), lambda store: purged(store, wanted, days)))
    typer.echo(f"{count} removed.")


def _line(one: Passage) -> str:
    parts = (
        one.id,
        one.time,
        one.status,
        one.partner,
        one.key or "(no key)",
        f"{one.attempts} {'attempt' if one.attempts == 1 else 'attempts'}",
        one.note,
    )
    return "  ".join(parts).rstrip()

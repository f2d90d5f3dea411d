"""`passerelle demo load`: the demonstration data."""

from __future__ import annotations

import asyncio

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.settings import Settings

command = typer.Typer(rich_markup_mode=None)


@command.callback()
def demo() -> None:
    """Demonstration data: one invented person who comes home from hospital in a complex situation, and the forms."""


@command.command("load")
def load(data: Data = None, database: Database = None, config: Config = None) -> None:
    """Store the demonstration data; doing so again changes nothing. Then say what to try."""
    from fhir_server.demo import DEMO_INS, things_to_try

    settings = store_settings(data, database, config)
    count = asyncio.run(_load(settings))
    typer.echo(f"{count} demonstration resources are stored; the person's INS is {DEMO_INS}.")
    typer.echo(things_to_try(f"http://{settings.host}:{settings.port}", settings.base_url))


async def _load(settings: Settings) -> int:
    from fhir_server.assembly import assembled
    from fhir_server.demo import demonstration

    async with assembled(settings) as parts:
        answer = await parts.interactions.transaction(demonstration())
        return len(answer["entry"])

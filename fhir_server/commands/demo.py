"""`passerelle demo load`: the demonstration data, or one of the five stories of the guide."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.json_format import Resource
from fhir_server.settings import Settings

command = typer.Typer(rich_markup_mode=None)

Story = Annotated[str | None, typer.Option("--story", metavar="NAME", help="A story instead; `passerelle demo stories` lists them.")]


@command.callback()
def demo() -> None:
    """Demonstration data: invented persons in complex situations, and the forms."""


@command.command("load")
def load(story: Story = None, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Store the demonstration data; doing so again changes nothing. Then say what to try."""
    settings = store_settings(data, database, config)
    transaction, to_try = _chosen(story, settings)
    count = asyncio.run(_load(settings, transaction))
    typer.echo(f"{count} demonstration resources are stored.")
    typer.echo(to_try)


@command.command("stories")
def stories() -> None:
    """The stories that `passerelle demo load --story` takes."""
    from fhir_server.demo.stories import story_names

    typer.echo("\n".join(story_names()))


def _chosen(story: str | None, settings: Settings) -> tuple[Resource, str]:
    """What is to be stored, and what to try then."""
    from fhir_server import demo
    from fhir_server.demo import stories

    server = f"http://{settings.host}:{settings.port}"
    if story is None:
        return demo.demonstration(), demo.things_to_try(server, settings.base_url)
    chosen = stories.story(story)
    return chosen, stories.to_try(chosen, server, settings.base_url)


async def _load(settings: Settings, transaction: Resource) -> int:
    from fhir_server.assembly import assembled

    async with assembled(settings) as parts:
        answer = await parts.interactions.transaction(transaction)
        return len(answer["entry"])

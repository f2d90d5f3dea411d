"""`passerelle topics`: what may be subscribed to, and whether topics of one's own can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, Language, Tongue, store_settings
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.model.issue import Category, fault
from fhir_server.subscriptions.reading import TopicFault
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.topics import load_topics

Folder = Annotated[Path | None, typer.Argument(metavar="FOLDER", help="Topics of your own beside ours: *.json.", show_default=False)]


def command(folder: Folder = None, lang: Language = Tongue.en, data: Data = None, config: Config = None) -> None:
    """List the topics with their filters; status 2, with file, place and reason, where one of the folder cannot be used."""
    definitions = definitions_in_use(store_settings(data, None, config), say=lambda text: typer.echo(text, err=True))
    try:
        topics = load_topics(definitions, [folder] if folder else [])
    except TopicFault as error:
        raise fault(Category.INVALID, "invalid", str(error)) from None
    for topic in topics.values():
        typer.echo(_told(topic, lang.value))


def _told(topic: Topic, language: str) -> str:
    filters = [f"{one.resource}?{one.parameter}=  {one.description[language]}" for one in topic.filters]
    return "\n  ".join([topic.url, topic.title[language], topic.description[language], *filters]) + "\n"

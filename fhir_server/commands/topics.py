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
from fhir_server.subscriptions.topics import NO_FILES, files_of, load_topics

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", help="Topics of your own beside ours: *.json, else those of subscription_topics.", show_default=False),
]


def command(folder: Folder = None, lang: Language = Tongue.en, data: Data = None, config: Config = None) -> None:
    """List the topics with their filters; status 2, with file, place and reason, where one of the folder cannot be used."""
    settings = store_settings(data, None, config)
    definitions = definitions_in_use(settings, say=lambda text: typer.echo(text, err=True))
    own = folder or settings.subscription_topics
    try:
        topics = load_topics(definitions, files_of(own) if own else NO_FILES)
    except TopicFault as error:
        raise fault(Category.INVALID, "invalid", str(error)) from None
    for topic in topics.values():
        typer.echo(_told(topic, lang.value))


def _told(topic: Topic, language: str) -> str:
    filters = [f"{one.resource}?{one.parameter}=  {one.description[language]}" for one in topic.filters]
    return "\n  ".join([topic.url, topic.title[language], topic.description[language], *filters]) + "\n"

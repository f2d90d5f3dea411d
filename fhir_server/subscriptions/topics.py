"""The topics of a server: ours, and those of an integrator's folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.reading import TopicFault, topic_of
from fhir_server.subscriptions.topic import Topic


def load_topics(definitions: Definitions, folders: Iterable[Path] = ()) -> Mapping[str, Topic]:
    """Topics by canonical URL: ours, then those of each folder's `*.json`. TopicFault where one is broken, or its URL is taken."""
    found: dict[str, Topic] = {}
    for file, content in [*_ours(), *(one for folder in folders for one in _of(folder))]:
        topic = topic_of(content, file, definitions)
        if topic.url in found:
            raise TopicFault(Path(file).name, "SubscriptionTopic.url", f"{topic.url} is another topic already")
        found[topic.url] = topic
    return found


def _ours() -> Iterator[tuple[str, bytes]]:
    packaged = (one for one in files(__package__).joinpath("topics").iterdir() if one.name.endswith(".json"))
    yield from ((one.name, one.read_bytes()) for one in sorted(packaged, key=lambda one: one.name))


def _of(folder: Path) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        raise TopicFault(folder.name, "SubscriptionTopic", f"there is no folder {folder}")
    yield from ((one.name, one.read_bytes()) for one in sorted(folder.glob("*.json")))

"""The topics of a server: ours, and those of an integrator's folder."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.reading import TopicFault, topic_of
from fhir_server.subscriptions.topic import Topic

NO_FILES: Mapping[str, bytes] = {}


def load_topics(definitions: Definitions, own: Mapping[str, bytes] = NO_FILES) -> Mapping[str, Topic]:
    """Topics by canonical URL: ours, then those of the files, by name. TopicFault where one is broken, or its URL is taken."""
    found: dict[str, Topic] = {}
    for file, content in [*_ours().items(), *own.items()]:
        topic = topic_of(content, file, definitions)
        if topic.url in found:
            raise TopicFault(file, "SubscriptionTopic.url", f"{topic.url} is another topic already; give this one a URL of your own")
        found[topic.url] = topic
    return found


def files_of(folder: Path) -> Mapping[str, bytes]:
    """What the folder's `*.json` hold, by their names. TopicFault where it, or one of them, cannot be read."""
    if not folder.is_dir():
        raise TopicFault(folder.name, "SubscriptionTopic", f"there is no folder {folder}")
    return {one.name: _content(one) for one in sorted(folder.glob("*.json"))}


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TopicFault(file.name, "SubscriptionTopic", f"the file cannot be read: {error.strerror}") from None


def _ours() -> Mapping[str, bytes]:
    packaged = (one for one in files(__package__).joinpath("topics").iterdir() if one.name.endswith(".json"))
    return {one.name: one.read_bytes() for one in sorted(packaged, key=lambda one: one.name)}

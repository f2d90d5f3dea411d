"""docs/topics.md says what the topics do: each chapter is what the topic's file says, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fhir_server.subscriptions.topic import Topic

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "topics.md").read_text(encoding="utf-8")
FILES = sorted((TOP / "fhir_server" / "subscriptions" / "topics").glob("*.json"))
WRONG_IN_FRENCH = re.compile(r"'| [;:?!]")

EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def french(element: dict[str, Any], name: str) -> str:
    (translation,) = element[f"_{name}"]["extension"]
    parts = {part["url"]: part for part in translation["extension"]}
    assert parts["lang"]["valueCode"] == "fr"
    text: str = parts["content"].get("valueString") or parts["content"]["valueMarkdown"]
    return text


def chapter(topic: dict[str, Any]) -> str:
    """What the page is to say of a topic."""
    triggers = [
        f"| fires | {both(one)} ({one['resource']}: {', '.join(one['supportedInteraction'])}) |" for one in topic["resourceTrigger"]
    ]
    filters = [f"| filter | `{one['filterParameter']}`{modifiers(one)}: {both(one)} |" for one in topic["canFilterBy"]]
    includes = ", ".join(f"`{one}`" for shape in topic["notificationShape"] for one in shape["include"])
    told = [topic["description"], f"**{french(topic, 'title')}.** {french(topic, 'description')}"]
    table = "\n".join(["| | |", "| --- | --- |", *triggers, *filters, f"| comes with it | {includes} |"])
    return "\n\n".join([f"### {topic['title']}", f"`{topic['url']}`", *told, table])


def both(element: dict[str, Any]) -> str:
    return f"{element['description']} / {french(element, 'description')}"


def modifiers(canFilterBy: dict[str, Any]) -> str:
    return "".join(f", `:{one}`" for one in canFilterBy.get("modifier", ()))


@EACH
def test_the_page_says_what_the_topic_does(path: Path) -> None:
    wanted = chapter(json.loads(path.read_bytes()))
    assert wanted in PAGE, f"the chapter of docs/topics.md is to be:\n\n{wanted}"


def test_the_page_tells_of_no_other_topic() -> None:
    assert PAGE.count("\n### ") == len(FILES)
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+){1,4})`", PAGE.partition("\n### ")[0]))
    assert {path.stem for path in FILES} <= named
    assert set(re.findall(r"SubscriptionTopic/([a-z-]+)", PAGE)) == {path.stem for path in FILES}


@EACH
def test_a_file_is_named_as_its_topic(path: Path, topics: Mapping[str, Topic]) -> None:
    resource = json.loads(path.read_bytes())
    assert resource["id"] == path.stem
    assert resource["url"] == f"https://passerelle.care/fhir/SubscriptionTopic/{path.stem}"
    assert path.stem in topics


@EACH
def test_a_reader_of_french_finds_everything_in_french(path: Path) -> None:
    resource = json.loads(path.read_bytes())
    told = [french(resource, "title"), french(resource, "description")]
    told += [french(one, "description") for name in ("resourceTrigger", "canFilterBy") for one in resource[name]]
    assert [text for text in told if WRONG_IN_FRENCH.search(text)] == []
    english = [resource["title"], resource["description"], *(one["description"] for one in resource["resourceTrigger"])]
    assert not set(told) & set(english)

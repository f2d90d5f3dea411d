"""An unanswered response to a form, every item of it once, and a response without what nobody answered
(https://hl7.org/fhir/uv/sdc/STU4/populate.html).
"""

from __future__ import annotations

from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import Item


def blank_response(questionnaire: Resource) -> Resource:
    """In progress, with the canonical URL of the form and all items that stand below no question."""
    response: Resource = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    if isinstance(url := questionnaire.get("url"), str):
        response["questionnaire"] = f"{url}|{questionnaire['version']}" if questionnaire.get("version") else url
    return response | _with_items(blank_items(objects(questionnaire.get("item"))))


def blank_items(questions: list[Item]) -> list[Item]:
    """The items of these questions, those of groups with theirs; a `display` has none."""
    return [blank_item(one) for one in questions if one.get("type") != "display"]


def blank_item(question: Item) -> Item:
    """The item of one question, without answers."""
    item = {name: question[name] for name in ("linkId", "text") if question.get(name)}
    return item | _with_items(blank_items(objects(question.get("item"))) if question.get("type") == "group" else [])


def _with_items(items: list[Item]) -> dict[str, Any]:
    return {"item": items} if items else {}


def prune(node: Item) -> None:
    """Take away the items below a node (a response, an item, an answer) that have neither answers nor answered items."""
    items = objects(node.get("item"))
    for item in items:
        for holder in (item, *objects(item.get("answer"))):
            prune(holder)
    kept = [item for item in items if item.get("answer") or item.get("item")]
    node.pop("item", None)
    if kept:
        node["item"] = kept

"""A response without what is not to be asked: answers to disabled questions do not count
(https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen), so nothing is extracted from them. Questions that
are only hidden count: they hold what the form itself says.
"""

from __future__ import annotations

from typing import Any

from fhir_server.fhirpath import FhirPathError
from fhir_server.model.issue import Issue
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.enablement import ENABLE_WHEN_EXPRESSION, meets_conditions
from fhir_server.questionnaires.environment import Environment, launch_contexts
from fhir_server.questionnaires.item import Item, extension
from fhir_server.questionnaires.pairing import Pair


def enabled_part(environment: Environment) -> tuple[Resource, list[Issue]]:
    """The response with its enabled items only, and what was left out."""
    root = environment.root
    missing = any(not environment.names(root).get(name) for name in launch_contexts(root.question))
    left_out = [pair for pair in root.walk() if pair.item is not None and pair.parent and not _counts(pair, environment, missing)]
    gone = {id(pair.item) for pair in left_out}
    told = [_told(pair) for pair in left_out if any(one.answers for one in pair.walk())]
    return (_without(root.item or {}, gone) if gone else root.item or {}), told


def _counts(pair: Pair, environment: Environment, missing: bool) -> bool:
    """True unless the question's conditions say otherwise, and where they cannot be told: the form was launched with what is not here."""
    return meets_conditions(pair, environment) or (missing and not _is_decided(pair, environment))


def _is_decided(pair: Pair, environment: Environment) -> bool:
    """False for an expression that gives nothing."""
    expression = extension(pair.question, ENABLE_WHEN_EXPRESSION)
    try:
        return expression is None or bool(environment.evaluate(expression, pair))
    except FhirPathError:
        return False


def _without(holder: Item, gone: set[int]) -> Item:
    """A copy without these items, at any depth."""
    made: dict[str, Any] = dict(holder)
    for name in ("item", "answer"):
        if name in holder:
            made[name] = [_without(one, gone) for one in objects(holder[name]) if id(one) not in gone]
    return {name: value for name, value in made.items() if name not in ("item", "answer") or value}


def _told(pair: Pair) -> Issue:
    sentence = f"The answers to {pair.link_id} were left out: by the form's conditions the question is not to be asked."
    return Issue("warning", "business-rule", sentence, pair.node.location)

"""Rules between the answers of a form (http://hl7.org/fhir/StructureDefinition/targetConstraint,
https://hl7.org/fhir/uv/sdc/STU4/behavior.html#targetConstraint).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.questionnaires.enablement import is_enabled
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import CORE, Item, complex_extensions, extension
from fhir_server.questionnaires.pairing import Pair

TARGET_CONSTRAINT = CORE + "targetConstraint"
R5_NAME = CORE + "questionnaire-constraint"
"""The name that it had before; its parts are plainer."""


@dataclass(frozen=True, slots=True)
class BrokenConstraint:
    """A rule that does not hold, and the item (or the response) that it is about."""

    key: str
    human: str
    severity: str
    node: Node


def broken_constraints(environment: Environment) -> Iterator[BrokenConstraint]:
    """The rules that do not hold of what is asked, answered or not; one that cannot be told is passed over."""
    for pair in environment.root.walk():
        for one in (*complex_extensions(pair.question, TARGET_CONSTRAINT), *complex_extensions(pair.question, R5_NAME)):
            if _is_at_hand(pair) and is_enabled(pair, environment) and (node := _broken(one, pair, environment)):
                yield BrokenConstraint(_text(one, "key"), _text(one, "human") or _text(one, "requirements"), _text(one, "severity"), node)


def _is_at_hand(pair: Pair) -> bool:
    """An item is there, or what it would stand in is: a rule may ask for an answer that is missing."""
    return pair.item is not None or pair.parent is None or pair.parent.item is not None


def _broken(constraint: Item, pair: Pair, environment: Environment) -> Node | None:
    """The place where the rule does not hold, None where it does."""
    try:
        met = environment.evaluate(extension(constraint, "expression"), pair)
        if not met or any(one.value is not False for one in met):
            return None
        return _place(constraint, pair, environment)
    except FhirPathError:
        return None


def _place(constraint: Item, pair: Pair, environment: Environment) -> Node:
    location = extension(constraint, "location")
    found = environment.evaluate(location, pair) if isinstance(location, str) else []
    if found and found[0].parent:
        return found[0]
    return next(one.node for one in pair.upwards() if one.item is not None)


def _text(constraint: Item, name: str) -> str:
    value = extension(constraint, name)
    return value if isinstance(value, str) else ""

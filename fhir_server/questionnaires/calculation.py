"""Answers that the form works out itself (https://hl7.org/fhir/uv/sdc/STU4/behavior.html#calculatedExpression).

They may be made of one another: they are worked out again and again until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.fhirpath import FhirPathError
from fhir_server.questionnaires.answer_value import same_amount
from fhir_server.questionnaires.conversion import Options, answers_of
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import SDC, Answer, answer_value, extension
from fhir_server.questionnaires.pairing import Pair

CALCULATED_EXPRESSION = SDC + "calculatedExpression"
MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Calculated:
    """An item that is worked out, and the answers it should have; `error` says why it cannot be told."""

    pair: Pair
    answers: list[Answer]
    error: FhirPathError | None = None

    def agrees(self, environment: Environment) -> bool:
        """Are these the answers that the item has?"""
        return same_answers(self.pair.answers, self.answers, environment)


def calculated(environment: Environment, options: Options) -> Iterator[Calculated]:
    """Each item that is worked out, as the rest of the response would have it now."""
    for pair in list(environment.root.walk()):
        if pair.parent and (expression := extension(pair.question, CALCULATED_EXPRESSION)) is not None:
            yield _calculated(expression, pair, environment, options)


def _calculated(expression: Any, pair: Pair, environment: Environment, options: Options) -> Calculated:
    try:
        return Calculated(pair, answers_of(environment.evaluate(expression, pair), pair.question, environment.schema, options))
    except FhirPathError as error:
        return Calculated(pair, [], error)


def calculate(environment: Environment, options: Options) -> list[Calculated]:
    """Write every answer that is worked out into the response, until nothing changes; what is left is what cannot be told.

    An item that still changes when all could have come to rest depends on itself: it is left with an error that says so. Items that the
    response does not have are not made.
    """
    found: list[Calculated] = []
    for _ in range(MAX_ROUNDS):
        found = list(calculated(environment, options))
        changing = [one for one in found if one.error is None and one.pair.item is not None and not one.agrees(environment)]
        if not changing:
            return [one for one in found if one.error]
        for one in changing:
            write(one.pair, one.answers)
        environment.forget()
    return [one for one in found if one.error] + [Calculated(one.pair, [], FhirPathError(_CYCLE)) for one in changing]


_CYCLE = "The calculated answer depends on itself and does not come to rest; take it out of its own expression."


def write(pair: Pair, answers: list[Answer]) -> None:
    """Replace the answers of an item that the response has; an empty list takes them away."""
    item = pair.item
    if item is None:
        return
    item.pop("answer", None)
    if answers:
        item["answer"] = answers
    pair.expand()


def same_answers(given: list[Answer], wanted: list[Answer], environment: Environment) -> bool:
    """Are these the same answers in the same order, as far as numbers can be told?"""
    values = [[answer_value(one, environment.schema) for one in answers] for answers in (given, wanted)]
    pairs = zip(*values, strict=False)
    return len(given) == len(wanted) and all(a[0] == b[0] and same_amount(a[0], a[2], b[2]) for a, b in pairs)

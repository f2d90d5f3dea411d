"""How a score came about: for each answer that counts its weight and the running total, the total of each section, and the answers that the
form works out, with what they are made of (https://hl7.org/fhir/uv/sdc/STU4/behavior.html#calculatedExpression).

Nothing is concluded here: what a total means is for the form, and for the person who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_server.fhirpath import FhirPathError
from fhir_server.questionnaires.answer_value import same_amount
from fhir_server.questionnaires.calculation import CALCULATED_EXPRESSION
from fhir_server.questionnaires.conversion import Options, answers_of
from fhir_server.questionnaires.enablement import enabled_answers
from fhir_server.questionnaires.environment import VARIABLE, Environment
from fhir_server.questionnaires.item import Answer, answer_value, extension, extensions
from fhir_server.questionnaires.pairing import Pair
from fhir_server.questionnaires.weight import Weight

_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_NAME = re.compile(r"%`?([A-Za-z][\w-]*)")


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer that has a weight; `running` is the total up to it, in the form's order, `section` the item around it (None: none)."""

    pair: Pair
    answer: Answer
    weight: Weight
    running: Weight
    section: Pair | None


@dataclass(frozen=True, slots=True)
class Section:
    """A group, and what the answers in it come to."""

    pair: Pair
    total: Weight


@dataclass(frozen=True, slots=True)
class CalculatedScore:
    """An answer that the form works out: what is answered, what comes out, and the scored answers that it is made of."""

    pair: Pair
    answered: list[Answer]
    calculated: list[Answer]
    operands: list[ScoredAnswer]
    agrees: bool
    error: FhirPathError | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """All of it, in the form's order; `total` is the sum of all weights, `unanswered` the questions with weights that nobody answered."""

    answers: list[ScoredAnswer]
    sections: list[Section]
    calculated: list[CalculatedScore]
    total: Weight
    unanswered: list[Pair]


def score_of(environment: Environment, options: Options) -> Score:
    """The score of a response; answers to what is not asked do not count."""
    answers = list(_scored(environment))
    total = sum((one.weight for one in answers), Decimal(0))
    calculated = [_calculated(pair, answers, environment, options) for pair in _worked_out(environment.root)]
    return Score(answers, list(_sections(answers)), calculated, total, list(_unanswered(environment)))


def _scored(environment: Environment) -> Iterator[ScoredAnswer]:
    running: Weight = Decimal(0)
    for pair in _questions(environment.root):
        for answer in enabled_answers(pair, environment):
            type_name, _, value = answer_value(answer, environment.schema)
            weight = environment.weights.of(value, type_name, pair.question)
            if weight is not None:
                running += weight
                yield ScoredAnswer(pair, answer, weight, running, _section(pair))


def _questions(root: Pair) -> Iterator[Pair]:
    """What a person answers: not what is worked out."""
    return (pair for pair in root.walk() if pair.parent and extension(pair.question, CALCULATED_EXPRESSION) is None)


def _worked_out(root: Pair) -> Iterator[Pair]:
    return (pair for pair in root.walk() if pair.parent and extension(pair.question, CALCULATED_EXPRESSION) is not None)


def _section(pair: Pair) -> Pair | None:
    """The innermost group around a question."""
    return next((one for one in pair.upwards() if one.type == "group"), None)


def _sections(answers: list[ScoredAnswer]) -> Iterator[Section]:
    """Every group with scored answers below it, outer ones before inner ones."""
    totals: dict[Pair, Weight] = {}
    for one in answers:
        for group in reversed([above for above in one.pair.upwards() if above.type == "group"]):
            totals[group] = totals.get(group, Decimal(0)) + one.weight
    yield from (Section(pair, total) for pair, total in totals.items())


def _unanswered(environment: Environment) -> Iterator[Pair]:
    """Questions whose options have weights, asked and not answered."""
    for pair in _questions(environment.root):
        options = pair.question.get("answerOption")
        if not isinstance(options, list) or pair.answers:
            continue
        values = (answer_value(one, environment.schema) for one in options if isinstance(one, dict))
        if any(environment.weights.of(value, type_name, pair.question) is not None for type_name, _, value in values):
            yield pair


def _calculated(pair: Pair, answers: list[ScoredAnswer], environment: Environment, options: Options) -> CalculatedScore:
    expression, answered = extension(pair.question, CALCULATED_EXPRESSION), enabled_answers(pair, environment)
    operands = [one for one in answers if _is_operand(one.pair, _named(str((expression or {}).get("expression", "")), pair))]
    try:
        found = answers_of(environment.evaluate(expression, pair), pair.question, environment.schema, options)
    except FhirPathError as error:
        return CalculatedScore(pair, answered, [], operands, True, error)
    return CalculatedScore(pair, answered, found, operands, not answered or _agree(answered, found, environment))


def _agree(given: list[Answer], found: list[Answer], environment: Environment) -> bool:
    one, two = (answer_value(answers[0], environment.schema) if answers else (None, "", None) for answers in (given, found))
    return one[0] == two[0] and same_amount(one[0], one[2], two[2])


def _is_operand(pair: Pair, link_ids: frozenset[str]) -> bool:
    return not link_ids or any(one.link_id in link_ids for one in pair.upwards() if one.parent)


def _named(source: str, at: Pair) -> frozenset[str]:
    """The linkIds that an expression names, itself or by its variables, and by the calculated items that it names; none: the whole form."""
    known, found, seen, waiting = _link_ids(at.root), set[str](), set[str](), [source]
    while waiting:
        text = waiting.pop()
        literals = {literal for literal in _LITERAL.findall(text) if literal in known} - found
        found |= literals
        waiting += [made for literal in literals for made in _expressions_of(known[literal])]
        names = set(_NAME.findall(text)) - seen
        seen |= names
        waiting += [made for name in names for made in _variables(name, at)]
    return frozenset(found)


def _link_ids(root: Pair) -> dict[str, Pair]:
    return {pair.link_id: pair for pair in root.walk() if pair.parent}


def _expressions_of(pair: Pair) -> list[str]:
    expression = extension(pair.question, CALCULATED_EXPRESSION)
    return [str(expression.get("expression"))] if isinstance(expression, dict) else []


def _variables(name: str, at: Pair) -> list[str]:
    """The expressions of the variables with this name that are seen from an item."""
    declared = (one for pair in at.upwards() for one in extensions(pair.question, VARIABLE) if isinstance(one, dict))
    return [str(one.get("expression")) for one in declared if one.get("name") == name]

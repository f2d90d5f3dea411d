"""A response filled in as far as can be told before a person sees it (https://hl7.org/fhir/uv/sdc/STU4/populate.html): by
`initialExpression`, by observations, by initial values; groups that repeat once for each result of their `itemPopulationContext`.

What cannot be told is left open, and said in an issue: nobody may take a gap for a finding.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.questionnaires.blank_response import blank_item, blank_items, prune
from fhir_server.questionnaires.calculation import calculate, write
from fhir_server.questionnaires.conversion import Options, answers_of
from fhir_server.questionnaires.enablement import is_enabled
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import SDC, Answer, Item, answer_types, extension
from fhir_server.questionnaires.observation_population import observed
from fhir_server.questionnaires.pairing import Pair

INITIAL_EXPRESSION = SDC + "initialExpression"
ITEM_POPULATION_CONTEXT = SDC + "itemPopulationContext"
OLD_POPULATION_CONTEXT = SDC + "itemContext"
MAX_REPEATS = 500
"""Of one group; more than a person could look through."""

MAX_ALL_REPEATS = 5000
"""Of all groups together: groups that repeat within groups that repeat multiply."""

MAX_ANSWERS = 1000


@dataclass(slots=True)
class Population:
    """One filling-in: the environment of a blank response, and whom it is about (`Patient/1`)."""

    environment: Environment
    options: Options
    now: datetime
    subject: str | None = None
    calculating: bool = False
    issues: list[Issue] = field(default_factory=list)
    repeats_left: int = MAX_ALL_REPEATS

    def populate(self) -> Resource:
        """The response, filled in and without empty items."""
        root = self.environment.root
        self._bind_root(root)
        self._fill_below(root)
        if self.calculating:
            self._calculate()
        self._leave_out_disabled()
        response: Resource = root.item or {}
        prune(response)
        return response

    def _bind_root(self, root: Pair) -> None:
        expression = extension(root.question, ITEM_POPULATION_CONTEXT)
        if isinstance(expression, dict) and root.item is not None:
            self.environment.bind(root.item, {_name(expression): self._results(expression, root)})

    def _fill_below(self, pair: Pair) -> None:
        self._repeat_groups(pair)
        for child in pair.children:
            if child.type not in ("group", "display"):
                self._answer(child)
            self._fill_below(child)

    def _repeat_groups(self, pair: Pair) -> None:
        """Give each group below its context, and as many items as the context has results."""
        bound = [one for child in pair.children for one in self._bound_items(child)]
        if any(count > 1 for _, count in bound):
            pair.expand()

    def _bound_items(self, child: Pair) -> list[tuple[Item, int]]:
        expression = extension(child.question, ITEM_POPULATION_CONTEXT) or extension(child.question, OLD_POPULATION_CONTEXT)
        if child.type != "group" or child.item is None or not isinstance(expression, dict):
            return []
        found = self._results(expression, child)
        if not child.question.get("repeats") or len(found) < 2:
            self.environment.bind(child.item, {_name(expression): found})
            return [(child.item, 1)]
        return self._repeated(child, _name(expression), found)

    def _repeated(self, child: Pair, name: str, found: list[Node]) -> list[tuple[Item, int]]:
        count = max(1, min(len(found), MAX_REPEATS, self.repeats_left))
        self.repeats_left -= count
        items = [child.item or {}, *(blank_item(child.question) for _ in range(count - 1))]
        if len(found) > count:
            said = phrase(
                "Only {most} of {found} repeats of '{link_id}' were filled in.", most=count, found=len(found), link_id=child.link_id
            )
            self.issues.append(Issue("warning", "too-costly", said, message_id="populate-repeats"))
        for item, node in zip(items, found, strict=False):
            self.environment.bind(item, {name: [node]})
        siblings = _holder(child)["item"]
        place = next(index for index, one in enumerate(siblings) if one is child.item)
        siblings[place + 1 : place + 1] = items[1:]
        return [(item, len(items)) for item in items]

    def _results(self, expression: Item, pair: Pair) -> list[Node]:
        """What a context gives; of a searchset the resources that were searched for."""
        found = self._evaluated(expression, pair)
        return [one for node in found for one in (_matches(node.value) if node.type == "Bundle" else [node])]

    def _answer(self, pair: Pair) -> None:
        answers = self._by_expression(pair) or self._by_observation(pair) or initial_answers(pair.question, self.environment)
        if not answers or pair.item is None:
            return
        for answer in answers:
            if items := blank_items(objects(pair.question.get("item"))):
                answer["item"] = items
        write(pair, answers)
        self.environment.forget()

    def _by_expression(self, pair: Pair) -> list[Answer]:
        expression = extension(pair.question, INITIAL_EXPRESSION)
        return self._converted(self._evaluated(expression, pair), pair) if expression is not None else []

    def _by_observation(self, pair: Pair) -> list[Answer]:
        if self.subject is None:
            return []
        try:
            return self._converted(observed(pair, self.subject, self.environment, self.now), pair)
        except (FhirPathError, FhirError) as error:
            return self._untold(pair, error)

    def _converted(self, nodes: list[Node], pair: Pair) -> list[Answer]:
        try:
            return copy.deepcopy(answers_of(nodes, pair.question, self.environment.schema, self.options)[:MAX_ANSWERS])
        except FhirPathError as error:
            return self._untold(pair, error)

    def _evaluated(self, expression: Any, pair: Pair) -> list[Node]:
        try:
            return self.environment.evaluate(expression, pair)
        except (FhirPathError, FhirError) as error:
            return self._untold(pair, error)

    def _untold(self, pair: Pair, error: FhirPathError | FhirError) -> list[Any]:
        why = str(error) if isinstance(error, FhirPathError) else " ".join(str(one.diagnostics) for one in error.issues)
        said = phrase("'{link_id}' could not be filled in: {why}", link_id=pair.link_id or "Questionnaire", why=why)
        self.issues.append(Issue("warning", "incomplete", said, message_id="populate-untold"))
        return []

    def _calculate(self) -> None:
        for one in calculate(self.environment, self.options):
            self._untold(one.pair, one.error or FhirPathError(""))

    def _leave_out_disabled(self) -> None:
        """An answer to what is not asked has no place in a response (https://hl7.org/fhir/R4/questionnaireresponse.html#link)."""
        for pair in list(self.environment.root.walk()):
            if pair.answers and not is_enabled(pair, self.environment):
                said = phrase("'{link_id}' is not asked, so what is known was left out.", link_id=pair.link_id)
                self.issues.append(Issue("information", "informational", said, message_id="populate-disabled"))
                write(pair, [])
                self.environment.forget()


def initial_answers(question: Item, environment: Environment) -> list[Answer]:
    """The values that the form itself begins with, or the options that are selected from the start."""
    names = answer_types(environment.schema)
    selected = [one for one in objects(question.get("answerOption")) if one.get("initialSelected") is True]
    found = [{name: one[name]} for one in (*objects(question.get("initial")), *selected) for name in names if name in one]
    return copy.deepcopy(found if question.get("repeats") else found[:1])


def _matches(bundle: Resource) -> list[Node]:
    matched = [one for one in objects(bundle.get("entry")) if (one.get("search") or {}).get("mode", "match") == "match"]
    held = [one["resource"] for one in matched if isinstance(one.get("resource"), dict)]
    return [Node(one, str(one.get("resourceType"))) for one in held]


def _name(expression: Item) -> str:
    return str(expression.get("name", ""))


def _holder(pair: Pair) -> Item:
    """Where the item of a pair stands: an answer, a group's item or the response."""
    holder = pair.answer if pair.answer is not None else pair.parent and pair.parent.item
    assert holder, "a pair below the root stands in something"
    return holder

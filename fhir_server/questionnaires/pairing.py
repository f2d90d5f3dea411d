"""The items of a Questionnaire side by side with those of a QuestionnaireResponse
(https://hl7.org/fhir/R4/questionnaireresponse.html#link): a tree of pairs in the questionnaire's order, that can be walked both ways.

An item of the response that repeats has a pair each time; a question without any has one pair, whose `item` is None. Items below a question
stand below each of its answers, those of a group below each of its items.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from fhir_server.fhirpath import Node
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import Answer, Item

MAX_PAIRS = 200_000
"""A response of many repeats against a form of many items is refused, not waited for."""

ITEM, ANSWER = "QuestionnaireResponse.item", "QuestionnaireResponse.item.answer"


class Pair:
    """A question and one item that answers it; at the root the two resources themselves.

    `answer` is the answer of the parent's item that this stands below, None below a group; `index` its place in the array, None where
    it is not there. `node` is the response's side for FHIRPath: an item with nothing but its linkId where there is none.
    """

    def __init__(self, question: Item, item: Item | None, parent: Pair | None, answer: tuple[int, Answer] | None, index: int | None):
        self.question, self.item, self.parent, self.index = question, item, parent, index
        self.answer_index: int | None = answer[0] if answer else None
        self.answer: Answer | None = answer[1] if answer else None
        self.children: list[Pair] = []

    def __repr__(self) -> str:
        return f"Pair({self.link_id}: {self.node.location})"

    @property
    def link_id(self) -> str:
        return str(self.question.get("linkId", ""))

    @property
    def type(self) -> str:
        """The question's type: `group`, `display`, `choice`...; "" at the root."""
        return str(self.question.get("type", "")) if self.parent else ""

    @property
    def answers(self) -> list[Answer]:
        return objects((self.item or {}).get("answer"))

    @property
    def root(self) -> Pair:
        pair = self
        while pair.parent is not None:
            pair = pair.parent
        return pair

    @cached_property
    def node(self) -> Node:
        if self.parent is None:
            return Node(self.item, "QuestionnaireResponse")
        above = self.parent.node
        if self.answer is not None:
            above = Node(self.answer, ANSWER, None, above, "answer", self.answer_index)
        return Node(self.item or {"linkId": self.link_id}, ITEM, None, above, "item", self.index)

    def upwards(self) -> Iterator[Pair]:
        """This pair, its parent, and so on to the root."""
        pair: Pair | None = self
        while pair is not None:
            yield pair
            pair = pair.parent

    def walk(self) -> Iterator[Pair]:
        """This pair and all below it, in the questionnaire's order."""
        waiting = [self]
        while waiting:
            pair = waiting.pop()
            yield pair
            waiting += reversed(pair.children)

    def below_answer(self, answer: Answer) -> list[Pair]:
        """The children that stand below this one of the answers."""
        return [one for one in self.children if one.answer is answer]

    def find(self, link_id: str) -> list[Pair]:
        """All pairs of a question, from here down."""
        return self._by_link_id.get(link_id, [])

    @cached_property
    def _by_link_id(self) -> dict[str, list[Pair]]:
        found: dict[str, list[Pair]] = {}
        for pair in self.walk():
            if pair.parent is not None:
                found.setdefault(pair.link_id, []).append(pair)
        return found

    def nearest(self, link_id: str) -> list[Pair]:
        """The pairs of another question that belong to this repeat: those within the closest group or question around it.

        Below an answer, those below the same answer come before those below its neighbours.
        """
        within: Pair | None = None
        for scope in self.upwards():
            if near := scope.find(link_id):
                answer = within.answer if within else None
                same = [one for one in near if answer is not None and one.stands_below(scope, answer)]
                return [one for one in same or near if one.item is not None]
            within = scope
        return []

    def stands_below(self, question: Pair, answer: Answer) -> bool:
        """True of an item somewhere below one of the answers of a question."""
        return any(one.parent is question and one.answer is answer for one in self.upwards())

    def expand(self) -> None:
        """Pair anew what is below, after the answers have changed."""
        _expand(self, MAX_PAIRS)
        for pair in self.upwards():
            pair.__dict__.pop("_by_link_id", None)

    def pair_of(self, item: Item) -> Pair | None:
        """The pair of an item of the response, or of a question of the form (the first of them)."""
        return next((one for one in self.walk() if one.item is item or one.question is item), None)


def paired(questionnaire: Resource, response: Resource) -> Pair:
    """The root of the pairs; TOO_LARGE beyond `MAX_PAIRS`. Items that the form does not have are in no pair."""
    root = Pair(questionnaire, response, None, None, None)
    _expand(root, MAX_PAIRS)
    return root


def stray(question: Item, item: Item, parent: Pair, index: int) -> Pair:
    """The pair of an item that stands where the form does not have it."""
    pair = Pair(question, item, parent, None, index)
    _expand(pair, MAX_PAIRS)
    return pair


def _expand(top: Pair, left: int) -> None:
    waiting = [top]
    while waiting:
        pair = waiting.pop()
        pair.children = list(children_of(pair))
        left -= len(pair.children)
        if left < 0:
            raise fault(Category.TOO_LARGE, "too-costly", f"The response and its form make more than {MAX_PAIRS} items; send less at once.")
        waiting += pair.children


def children_of(pair: Pair) -> Iterator[Pair]:
    """The pairs below one, without what is below them."""
    answers = indexed((pair.item or {}).get("answer")) if pair.type not in ("", "group") else []
    for answer in answers:
        yield from _matched(pair, answer[1], answer)
    if not answers:
        yield from _matched(pair, pair.item if pair.type in ("", "group") else None, None)


def _matched(pair: Pair, holder: Item | None, answer: tuple[int, Answer] | None) -> Iterator[Pair]:
    given: dict[str, list[tuple[int, Item]]] = {}
    for index, item in indexed((holder or {}).get("item")):
        given.setdefault(str(item.get("linkId")), []).append((index, item))
    for question in objects(pair.question.get("item")):
        found = given.get(str(question.get("linkId")), [])
        yield from (Pair(question, item, pair, answer, index) for index, item in found)
        if not found:
            yield Pair(question, None, pair, answer, None)

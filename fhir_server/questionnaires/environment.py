"""What an expression of a form sees (https://hl7.org/fhir/uv/sdc/STU4/expressions.html#fhirpath-supplements): `%resource`, `%context`,
`%questionnaire`, `%qitem`, what the form was launched with, and the variables that the form declares.

A variable is worked out when it is first asked for. It sees those declared before it at the same place, and those around that place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from fhir_server.fhirpath import Context, FhirPathError, Node, compile_expression
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.expression_source import Source, asked, filled_in
from fhir_server.questionnaires.item import CORE, SDC, Item, complex_extensions, extension, extensions
from fhir_server.questionnaires.pairing import Pair, paired
from fhir_server.questionnaires.variables import Declared, Variables, declared
from fhir_server.questionnaires.weight import ConceptWeight, Weights

VARIABLE = CORE + "variable"
LAUNCH_CONTEXT = SDC + "launchContext"
FHIRPATH, QUERY = "text/fhirpath", "application/x-fhir-query"
MAX_STEPS = 5_000_000
"""Of all expressions of one form together; one of them is bounded by FHIRPath itself."""

Nodes = list[Node]


class _Names(Mapping[str, Any]):
    """Names of one place and, where it has not the one asked for, of those around it; a value may be worked out when it is asked for."""

    def __init__(self, own: Mapping[str, Any], around: Mapping[str, Any]):
        self._own, self._around = own, around

    def __getitem__(self, name: str) -> Any:
        if name not in self._own:
            return self._around[name]
        value = self._own[name]
        return value() if callable(value) else value

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._around

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._around), **self._own})

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Environment:
    """The expressions of one form and its response.

    `given` are the values of launch contexts and other names that come from outside. Without it nobody launched the form, and what needs
    a launch context cannot be told; with it, even an empty one, a launch context that was not given is empty. `resolve` gets the text of
    a reference, `member_of` a node and a value set, as FHIRPath's `Context` has them; `concept_weight` knows the weights of code systems.
    """

    def __init__(
        self,
        root: Pair,
        schema: Schema,
        *,
        given: Mapping[str, Any] | None = None,
        source: Source | None = None,
        now: datetime | None = None,
        resolve: Callable[[str], Resource | None] | None = None,
        member_of: Callable[[Node, str], bool | None] | None = None,
        concept_weight: ConceptWeight | None = None,
        steps: Steps | None = None,
    ):
        self.root, self.schema, self.source, self.now = root, schema, source, now
        self.steps = steps or Steps(MAX_STEPS)
        self._resolve, self._member_of = resolve, member_of
        self.weights = Weights(root.question, concept_weight)
        launched: dict[str, Any] = {} if given is None else {name: [] for name in launch_contexts(root.question)}
        self._given: dict[str, Any] = {**launched, **(given or {})}
        self._bound: dict[int, tuple[Item, Mapping[str, Any]]] = {}
        self._names: dict[Pair, Mapping[str, Any]] = {}
        self._answered: dict[str, Resource | None] = {}
        self._declarations: dict[int, Declared] = {}

    def evaluate(self, expression: Any, at: Pair, more: Mapping[str, Any] | None = None, focus: Nodes | None = None) -> Nodes:
        """What an Expression (or FHIRPath as text) gives at an item; FhirPathError where it cannot be told.

        `more` are names beside those of the form, `focus` what FHIRPath begins with where that is not the item. A query gives its
        searchset, or the resource that it reads; FhirError where the store refuses it.
        """
        names: Mapping[str, Any] = self.names(at) if more is None else _Names(more, self.names(at))
        return self._run(expression, at, names, focus)

    def of(self, response: Resource) -> Environment:
        """The same surroundings for another response to the form."""
        other = copy(self)
        other.root, other._names = paired(self.root.question, response), {}
        return other

    def names(self, at: Pair) -> Mapping[str, Any]:
        """The names that an expression at an item may use, beside FHIRPath's own."""
        if at not in self._names:
            self._names[at] = self._made_names(at)
        return self._names[at]

    def give(self, name: str, query: str) -> None:
        """A name whose value is asked when it is needed: a query in which names that were given may stand."""
        self._give(name, self._later({"language": QUERY, "expression": query}, self.root, self._given_names))

    def _give(self, name: str, value: Callable[[], Nodes]) -> None:
        self._given[name] = value
        self._declarations.clear()
        self.forget()

    def give_batch(self, name: str, batch: Resource) -> None:
        """The same for the searches of a Bundle of type batch: a batch-response with what each of them finds."""
        known: list[Nodes] = []

        def value() -> Nodes:
            if not known:
                known.append([Node(self._batch_response(batch), "Bundle")])
            return known[0]

        self._give(name, value)

    def _batch_response(self, batch: Resource) -> Resource:
        entries = [self._batch_entry(str((one.get("request") or {}).get("url", ""))) for one in objects(batch.get("entry"))]
        return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}

    def _batch_entry(self, query: str) -> Item:
        found = self._query(query.removeprefix("/"), self.root, self._given_names)
        return {"resource": found[0].value, "response": {"status": "200"}} if found else {"response": {"status": "404"}}

    def bind(self, item: Item, names: Mapping[str, Any]) -> None:
        """Names that one item of the response has beside those of the form, seen from it and from what is below."""
        self._bound[id(item)] = (item, names)
        self.forget()

    @property
    def _given_names(self) -> Mapping[str, Any]:
        return _Names({"questionnaire": self._questionnaire(), **self._given}, {})

    def forget(self) -> None:
        """The response has changed: variables are to be worked out anew."""
        self._names.clear()

    def _made_names(self, at: Pair) -> Mapping[str, Any]:
        names = self.names(at.parent) if at.parent else self._given_names
        if at.parent:
            names = _Names({"qitem": Node(at.question, "Questionnaire.item")}, names)
        if at.item is not None and id(at.item) in self._bound:
            names = _Names(self._bound[id(at.item)][1], names)
        found = self._declared(at)
        return Variables(found, names, lambda variable, seen: self._run(variable, at, seen)) if found.expressions else names

    def _declared(self, at: Pair) -> Declared:
        """The variables of one place; a value that came for one of the form's own takes its place."""
        if id(at.question) not in self._declarations:
            found = [one for one in extensions(at.question, VARIABLE) if isinstance(one, dict) and isinstance(one.get("name"), str)]
            self._declarations[id(at.question)] = declared([one for one in found if at.parent or not self._given.get(one["name"])])
        return self._declarations[id(at.question)]

    def _questionnaire(self) -> Node:
        return Node(self.root.question, "Questionnaire")

    def _later(self, expression: Item, at: Pair, names: Mapping[str, Any]) -> Callable[[], Nodes]:
        """The value of a variable, worked out once."""
        known: list[Nodes] = []

        def value() -> Nodes:
            if not known:
                known.append(self._run(expression, at, names))
            return known[0]

        return value

    def _run(self, expression: Any, at: Pair, names: Mapping[str, Any], focus: Nodes | None = None) -> Nodes:
        source, language = _source_of(expression)
        if language == FHIRPATH:
            return self._fhirpath(source, at, names, focus)
        if language == QUERY:
            return self._query(source, at, names)
        raise FhirPathError(f"Expressions in {language[:60]} are not evaluated here; write it in {FHIRPATH} or {QUERY}.")

    def _fhirpath(self, source: str, at: Pair, names: Mapping[str, Any], focus: Nodes | None = None) -> Nodes:
        try:
            return compile_expression(source, self.schema).evaluate(at.node, self._context(names), focus)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise FhirPathError(str(error)) from None

    def _context(self, names: Mapping[str, Any]) -> Context:
        return Context(
            resource=self.root.item,
            variables=names,
            now=self.now,
            resolve=self._resolve,
            member_of=self._member_of,
            weight=self.weights.of_node,
            steps=self.steps,
        )

    def _query(self, source: str, at: Pair, names: Mapping[str, Any]) -> Nodes:
        query = filled_in(source, lambda embedded: self._fhirpath(embedded, at, names))
        if query is None:
            return []
        if query not in self._answered:
            self._answered[query] = asked(query, self.source)
        found = self._answered[query]
        return [] if found is None else [Node(found, str(found.get("resourceType")))]


def launch_contexts(questionnaire: Resource) -> list[str]:
    """The names of the launch contexts that a form declares."""
    found = [extension(one, "name") for one in complex_extensions(questionnaire, LAUNCH_CONTEXT)]
    return [str(one.get("code")) if isinstance(one, dict) else str(one) for one in found if one]


def _source_of(expression: Any) -> tuple[str, str]:
    if isinstance(expression, str):
        return expression, FHIRPATH
    source = expression.get("expression") if isinstance(expression, dict) else None
    if not isinstance(source, str):
        raise FhirPathError("The expression has no text; those that are only referenced are not fetched.")
    return source, str(expression.get("language", FHIRPATH))

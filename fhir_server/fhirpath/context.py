"""What an evaluation needs from outside: the resources around it, references, value sets, the clock
(https://hl7.org/fhir/R4/fhirpath.html#variables).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node, Nodes
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.contained import Contained
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema

MAX_STEPS = 1_000_000
"""Nodes visited in one evaluation; an expression that wants more ends with an error."""


@dataclass(slots=True)
class Context:
    """Everything is optional.

    `resource` is %resource and `root_resource` %rootResource: without them they are found above the node that is evaluated.

    `resolve` gets the text of a reference (`Patient/1`, an absolute URL) and gives the resource or None; `#id` is looked up in
    `root_resource` before. With `stub_references`, a reference that nothing resolves becomes a node of the type that its
    text or `Reference.type` names, holding only resourceType and id, so that `resolve() is Patient` can be answered.

    `member_of` and `conforms_to` get a node and a canonical URL; None means not known (`memberOf` is then empty; `conformsTo` falls
    back on the base types of the schema, and is an error for any other URL). `subsumes` gets two codings or concepts. `weight`
    gets an answer's value that carries no weight itself.

    `now` is the clock of now(), today() and timeOfDay(): an aware datetime. `variables` are the `%name`s beside those of FHIR:
    plain values, Nodes or lists of them. `trace` receives what trace() shows.

    `lenient` is for R4's own invariants and search parameters: `as` filters a collection of several (N1 makes that an error),
    and `Boolean` or `DateTime` also mean FHIR's `boolean` and `dateTime`.

    `max_steps` are for one evaluation; `steps` are those that several share. `contained` is the index of what `root_resource` contains,
    kept where many evaluations ask for it.
    """

    resource: Resource | None = None
    root_resource: Resource | None = None
    resolve: Callable[[str], Resource | None] | None = None
    member_of: Callable[[Node, str], bool | None] | None = None
    conforms_to: Callable[[Node, str], bool | None] | None = None
    subsumes: Callable[[Node, Node], bool | None] | None = None
    weight: Callable[[Node], int | Decimal | None] | None = None
    now: datetime | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    trace: Callable[[str, Nodes], None] | None = None
    stub_references: bool = False
    lenient: bool = False
    max_steps: int = MAX_STEPS
    steps: Steps | None = None
    contained: Contained | None = None

    def contained_in_root(self) -> Contained:
        """What `root_resource` contains; indexed for this question alone where `contained` is of another resource."""
        root = self.root_resource or {}
        kept = self.contained
        return kept if kept is not None and kept.root is root else Contained(root)


class Evaluation:
    """One run of one expression: its context, its root and what is left of its steps."""

    __slots__ = ("_contained", "_now", "allowed", "context", "left", "lenient", "root", "schema")

    def __init__(self, root: Node, context: Context, schema: Schema, *, lenient: bool = False):
        self.root = root
        self.context = context
        self.schema = schema
        self.allowed = context.max_steps if context.steps is None else context.steps.allowed(context.max_steps)
        self.left = self.allowed
        self.lenient = lenient
        self._now = context.now
        self._contained = context.contained

    def spend(self, steps: int) -> None:
        """Count work done; FhirPathError when the evaluation has done too much."""
        self.left -= steps
        if self.left < 0:
            raise FhirPathError(f"The expression took more than {self.allowed} steps on this resource; it was stopped.")

    def contained_in(self, root: Resource) -> Contained:
        """What a resource contains, indexed once where several references are resolved."""
        if self._contained is None or self._contained.root is not root:
            self._contained = Contained(root)
        return self._contained

    @property
    def now(self) -> datetime:
        """The same moment all through one evaluation."""
        if self._now is None:
            self._now = datetime.now().astimezone()
        return self._now

    @property
    def resource(self) -> Node:
        """%resource: the resource that holds the root node."""
        if self.context.resource is not None:
            return self._resource_node(self.context.resource)
        return holding_resource(self.root)

    @property
    def root_resource(self) -> Node:
        """%rootResource: the container of a contained resource, else %resource."""
        if self.context.root_resource is not None:
            return self._resource_node(self.context.root_resource)
        node = self.resource
        return holding_resource(node.parent) if node.name == "contained" and node.parent else node

    def _resource_node(self, resource: Resource) -> Node:
        return self.root if self.root.value is resource else Node(resource, resource.get("resourceType", "Resource"))


def holding_resource(node: Node) -> Node:
    """The nearest node upwards, itself included, that is a resource; the topmost one where none is."""
    while node.parent is not None and not (type(node.value) is dict and "resourceType" in node.value):
        node = node.parent
    return node


class Scope:
    """The variables of one level: `$this` (the input, usually one node), `$index`, `$total`."""

    __slots__ = ("index", "run", "this", "total")

    def __init__(self, run: Evaluation, this: Nodes, index: int | None = None, total: Nodes | None = None):
        self.run = run
        self.this = this
        self.index = index
        self.total = total

    def inner(self, this: Nodes) -> Scope:
        """A level below with another `$this`."""
        return Scope(self.run, this, self.index, self.total)


Run = Callable[[Scope], Nodes]
"""A compiled part of an expression."""

"""What a rule asks, as one generated Python function: an assertion that is plainly met costs a comparison, the others are checked
(https://hl7.org/fhir/R4/conformance-rules.html#constraints).

Most of what R4 asks is `a.exists() or b.empty()`: for an object of a known type that is a matter of which keys it has. `Glance` turns a
FHIRPath tree into a Python expression on the object `v` that is true only where the whole expression, run by `fhir_server.fhirpath`, says
so too; the assertions that are not plainly met run in full, in their order. For Period the function reads

    def look(v, subject, found):
        if not (('start' not in v and '_start' not in v) or ...):
            found.extend(assertion_0.check(subject))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from fhir_server.fhirpath.compiler import head
from fhir_server.fhirpath.elements import Property, properties
from fhir_server.fhirpath.tree import Binary, Call, Member, Tree
from fhir_server.model.schema import Schema
from fhir_server.validation.shortcut import SCALARS, is_there, shortcut

Look = Callable[[dict[str, Any], Any, list[Any]], None]
"""Takes an object, its Subject and the list to which findings are added."""

Fine = Callable[[Any, Any], bool]
"""Takes a value and the FHIRPath context; true where neither it nor anything below it has findings."""

Accepts = Callable[[str], bool]
"""True of the text of a primitive, without a `_` sibling, that an assertion has nothing to say about."""

Condition = str | None
"""A Python expression on `v`, the object, and `c`, the FHIRPath context; None: never plainly so."""


class Plain(Protocol):
    """An assertion that can be seen at a glance to be met."""

    def plainly_met(self, glance: Glance) -> Condition:
        """True of an object that `check` has nothing to say about."""


class PlainText(Protocol):
    """An assertion on primitives that can be decided by the text alone."""

    def accepts_text(self, kind: str) -> Accepts | None:
        """True of a text that `check` has nothing to say about; None where the text does not tell, for this FHIR type."""


class Glance:
    """Conditions on the objects of one FHIR type. `names` are the values that their source speaks of."""

    def __init__(self, schema: Schema, kind: str):
        self.schema, self.kind = schema, kind
        self.names: dict[str, Any] = {"SCALARS": SCALARS, "is_there": is_there}

    def name(self, value: Any, stem: str = "value") -> str:
        """A name for a value in the source."""
        name = f"{stem}_{len(self.names)}"
        self.names[name] = value
        return name

    def surely(self, tree: Tree, wanted: bool) -> Condition:
        """Where a FHIRPath expression gives `wanted`, true or false."""
        match tree:
            case Call(target=target, name="exists", arguments=()) if target is not None:
                return self.exists(target, wanted)
            case Call(target=target, name="empty", arguments=()) if target is not None:
                return self.exists(target, not wanted)
            case Call(target=target, name="not", arguments=()) if target is not None:
                return self.surely(target, not wanted)
            case Call(target=target, name="all", arguments=(_,)) if target is not None and wanted:
                return either(self.absent(target), self.decided(tree, wanted))
            case Call(target=target, name="hasValue", arguments=()) if target is not None and not wanted:
                return self.absent(target)
            case Binary(operator="and"):
                return self.all_of(tree.left, tree.right, True, wanted)
            case Binary(operator="or"):
                return self.all_of(tree.left, tree.right, False, not wanted)
            case Binary(operator="implies"):
                return self.implied(tree, wanted)
        return self.decided(tree, wanted)

    def all_of(self, left: Tree, right: Tree, each: bool, wanted: bool) -> Condition:
        """Whether both sides give `each`, looked at from the left; where `wanted` is False, whether one gives the other."""
        if wanted:
            return both(self.surely(left, each), self.surely(right, each))
        return either(self.surely(left, not each), both(self.surely(left, each), self.surely(right, not each)))

    def implied(self, tree: Binary, wanted: bool) -> Condition:
        holds, follows = self.surely(tree.left, True), self.surely(tree.right, wanted)
        return either(self.surely(tree.left, False), both(holds, follows)) if wanted else both(holds, follows)

    def exists(self, path: Tree, wanted: bool) -> Condition:
        """Whether a path finds anything (`wanted`), or nothing."""
        deeper = not (isinstance(path, Member) and path.target is None)
        whole = self.decided(Call(path, "exists", (), path.column), wanted) if deeper else None
        return either(self.present(path) if wanted and not deeper else None if wanted else self.absent(path), whole)

    def absent(self, path: Tree) -> Condition:
        """None of the keys of the first name is there."""
        keys = self.keys(path)
        if keys is None:
            return None
        if len(keys) > len(("value", "_value")):
            return f"{self.name(frozenset(keys), 'keys')}.isdisjoint(v)"
        return both(*(f"{key!r} not in v" for key in keys)) or "True"

    def present(self, path: Tree) -> Condition:
        """A value stands under one of the keys of a name."""
        keys = self.keys(path) or ()
        if len(keys) > len(("value", "_value")):
            return f"any(is_there(v[key]) for key in {self.name(frozenset(keys), 'keys')}.intersection(v))"
        return either(*(f"is_there(v.get({key!r}))" for key in keys))

    def keys(self, path: Tree) -> list[str] | None:
        """The keys in JSON of the name that a path begins with; None where that is no element."""
        name = head(path)
        return [key for row in self.rows(name) for key in row[:2] if key] if name and not name[:1].isupper() else None

    def rows(self, name: str) -> tuple[Property, ...]:
        return properties(self.schema, self.kind, name)

    def decided(self, tree: Tree, wanted: bool) -> Condition:
        """By the shortcut of the expression, if it has one."""
        decide = shortcut(tree, self.schema)
        return f"{self.name(decide, 'decide')}(v, {self.kind!r}, c.resource) is {wanted}" if decide else None


def both(*conditions: Condition) -> Condition:
    """All of the conditions; never, where one is never."""
    return None if None in conditions or not conditions else f"({' and '.join(map(str, conditions))})"


def either(*conditions: Condition) -> Condition:
    """One of the conditions."""
    possible = [one for one in conditions if one is not None]
    return f"({' or '.join(possible)})" if possible else None


def text_tests(assertions: Sequence[Any], kind: str) -> tuple[Accepts, ...] | None:
    """What a text must pass for all assertions to be met; None where one of them cannot be told by a text."""
    tests = [one.accepts_text(kind) if hasattr(one, "accepts_text") else None for one in assertions]
    return None if None in tests else tuple(one for one in tests if one)


def fine(assertions: Sequence[Any], members: Mapping[str, Fine | None], schema: Schema, kind: str) -> Fine | None:
    """Whether an object of a type is fine; None where one of its assertions is never plainly met. `members` tell whether what stands under
    a key is fine; None stands for what is looked at in full."""
    glance = Glance(schema, kind)
    met = [one.plainly_met(glance) if hasattr(one, "plainly_met") else None for one in assertions]
    if None in met:
        return None
    unsure = glance.name(frozenset(key for key, member in members.items() if member is None), "unsure")
    known = {key: member for key, member in members.items() if member}
    below = [f"({key!r} not in v or {glance.name(member, 'fine')}(v[{key!r}], c))" for key, member in known.items()]
    if len(known) > MANY:
        below = [f"{glance.name(_all_below(known), 'all_below')}(v, c)"]
    conditions = " and ".join((f"{unsure}.isdisjoint(v)", *map(str, met), *below))
    made: Fine = eval(f"lambda v, c: {conditions}", glance.names)  # noqa: S307 - made of the names of elements and of types, as literals
    return made


MANY = 6
"""Of more members than this, those that an object has are looked up instead of asking for each of them."""


def _all_below(members: Mapping[str, Fine]) -> Fine:
    get = members.get

    def all_below(value: Any, context: Any) -> bool:
        for key, child in value.items():
            is_fine = get(key)
            if is_fine is not None and not is_fine(child, context):
                return False
        return True

    return all_below


def look(assertions: Sequence[Any], schema: Schema, kind: str) -> Look:
    """The function that checks the assertions of an object of a type."""
    glance = Glance(schema, kind)
    lines = ["def look(v, subject, found):", "    c = subject.context"]
    for assertion in assertions:
        plainly_met = getattr(assertion, "plainly_met", None)
        condition = plainly_met(glance) if plainly_met else None
        lines.append(f"    if not {condition}:" if condition else "    if True:")
        lines.append(f"        found.extend({glance.name(assertion, 'assertion')}.check(subject))")
    exec("\n".join(lines), glance.names)  # noqa: S102 - made of the names of elements and of types, as literals
    made: Look = glance.names["look"]
    return made

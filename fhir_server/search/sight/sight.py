"""What an asker sees, as a value: one rule for each resource type, applied to a query in SQL and to a resource in hand alike.

A type without a rule is not seen. Made by `fhir_server.access`; a `Query` carries it into every part of its statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fhir_server.search.clause import AndClause, Clause, HeldClause, IdClause, MarkClause, NotClause, OrClause, TypeClause

NOTHING = OrClause(())


@dataclass(frozen=True, slots=True)
class Rule:
    """Which resources of a type are seen: all (`everything`), those with one of `marks`, those with one of `ids`, those that a resource of
    the type `holder` names that is seen, and not what only hidden ones name. Never those with one of `hiding`, nor `hidden` ids; with a
    `tenant` only what has that mark.

    `filters` are alternatives, each of what must hold: the searches of scopes (https://hl7.org/fhir/smart-app-launch/STU2.2).
    """

    everything: bool = False
    marks: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    hiding: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    tenant: str = ""
    holder: str = ""
    filters: tuple[tuple[Clause, ...], ...] = ()

    @property
    def is_free(self) -> bool:
        """True where every resource of the type is seen."""
        return self.everything and not (self.hiding or self.hidden or self.tenant or self.filters)

    @property
    def needs_store(self) -> bool:
        """True where a resource in hand does not tell by itself whether it is seen."""
        return bool(self.filters or self.holder)

    def admits(self, id_: str, marks: Collection[str]) -> bool:
        """Whether a resource with these marks is seen, as far as it tells by itself: `holder` and `filters` are left out."""
        if self.tenant and self.tenant not in marks:
            return False
        if id_ in self.hidden or not self.hiding.isdisjoint(marks):
            return False
        return self.everything or id_ in self.ids or not self.marks.isdisjoint(marks)

    def clauses(self, type_name: str) -> Iterator[Clause]:
        """The same as conditions of a query of this type."""
        if self.tenant:
            yield MarkClause(frozenset([self.tenant]))
        if not self.everything:
            yield _either(list(self._admitting(type_name)))
        if self.hiding:
            yield NotClause(MarkClause(self.hiding))
        if self.hidden:
            yield IdClause(tuple(sorted(self.hidden)), negated=True)
        if self.filters:
            yield _either([AndClause(one) for one in self.filters])

    def _admitting(self, type_name: str) -> Iterator[Clause]:
        own = [*([MarkClause(self.marks)] if self.marks else ()), *([IdClause(tuple(sorted(self.ids)))] if self.ids else ())]
        if not self.holder:
            yield from own
            return
        yield HeldClause(type_name, self.holder)
        hidden = NotClause(HeldClause(type_name, self.holder, self.hiding))  # with the document goes its content, whosever that is
        yield from (AndClause((one, hidden)) if self.hiding else one for one in own)


def _either(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else OrClause(tuple(clauses))


@dataclass(frozen=True)
class Sight:
    """The rules by resource type; types that are not in it are not seen."""

    rules: Mapping[str, Rule] = field(default_factory=dict)

    def rule(self, type_name: str) -> Rule:
        """That of a type; one that shows nothing where there is none."""
        return self.rules.get(type_name, _BLIND)

    def guard(self, types: tuple[str, ...]) -> tuple[Clause, ...]:
        """What must hold of each resource of these types (none: of any type) for it to be seen."""
        if len(types) == 1:
            return tuple(self.rule(types[0]).clauses(types[0]))
        return (self._alternatives,) if not types else (_across({one: self.rule(one) for one in types}),)

    @cached_property
    def _alternatives(self) -> Clause:
        return _across(self.rules)


_BLIND = Rule()


def _across(rules: Mapping[str, Rule]) -> Clause:
    """One alternative for all types that share a rule."""
    together: dict[tuple[Rule, str], list[str]] = {}
    for type_name, rule in rules.items():
        together.setdefault((rule, type_name if rule.holder else ""), []).append(type_name)
    return _either([AndClause((TypeClause(tuple(types)), *rule.clauses(types[0]))) for (rule, _), types in together.items()] or [NOTHING])

"""`_filter` as a clause (https://hl7.org/fhir/R4/search_filter.html#ops): the tree of its text, read for one resource type.

`path[filter].parameter` keeps those targets of a reference for which the filter holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fhir_server.search.clause import AndClause, Clause, IdClause, NotClause, OrClause, ParameterClause, UpdatedClause
from fhir_server.search.criterion import chain, parse_criterion
from fhir_server.search.filter_match import TEXT_MODIFIERS
from fhir_server.search.filter_syntax import Comparison, Filter, Logical, Negation, Step, parse_filter_text
from fhir_server.search.scope import NotUnderstood, Scope, malformed
from fhir_server.search.types.date import DateValue
from fhir_server.search.types.phonetic import is_phonetic
from fhir_server.search.types.string import parse_string

NAME = "_filter"
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb")
_ORDERED = ("date", "number", "quantity")
_TEXTS = ("string", "token", "uri")
_MODIFIERS: Mapping[str, str] = {"ss": ":below", "sb": ":above", "in": ":in", "ni": ":not-in"}
_LITERAL = str.maketrans({",": "\\,", "$": "\\$", "\\": "\\\\"})
"""Of the separators of search values only `|` has a meaning here."""


def parse_filter(resource_type: str, value: str, scope: Scope) -> Clause:
    """FhirError (MALFORMED) where the text cannot be read; NotUnderstood where it names what is not known or supported here."""
    try:
        tree = parse_filter_text(value)
    except ValueError as error:
        raise malformed(NAME, value, str(error)) from None
    return _clause(tree, resource_type, scope, 0)


def _clause(tree: Filter, resource_type: str, scope: Scope, depth: int) -> Clause:
    if isinstance(tree, Negation):
        return NotClause(_clause(tree.filter, resource_type, scope, depth))
    if isinstance(tree, Logical):
        clauses = tuple(_clause(one, resource_type, scope, depth) for one in tree.filters)
        return AndClause(clauses) if tree.operator == "and" else OrClause(clauses)
    return _path(tree.path, tree, resource_type, scope, depth)


def _path(path: tuple[Step, ...], comparison: Comparison, resource_type: str, scope: Scope, depth: int) -> Clause:
    """The rest of the comparison's path, from a resource of this type."""
    if len(path) == 1:
        return _comparison(path[0].name, comparison, resource_type, scope)
    first, *rest = path
    code, _, target = first.name.partition(":")

    def beyond(type_name: str, level: int) -> Clause:
        following = _path(tuple(rest), comparison, type_name, scope, level)
        return AndClause((_clause(first.filter, type_name, scope, level), following)) if first.filter else following

    return chain(resource_type, code, target, ".".join(one.name for one in rest), scope, depth, beyond)


def _comparison(name: str, comparison: Comparison, resource_type: str, scope: Scope) -> Clause:
    operator, value = comparison.operator, comparison.value
    kind = _kind(resource_type, name, scope)

    def read(modifier: str, text: str) -> Clause:
        return parse_criterion(resource_type, name + modifier, text, scope)

    if operator == "pr":
        return read(":missing", {"true": "false", "false": "true"}.get(value, value))
    if operator in _MODIFIERS:
        return read(_MODIFIERS[operator], value.translate(_LITERAL))
    if operator == "po":
        return _overlapping(read("", f"eq{value}"), name)
    if kind in _ORDERED and operator in _PREFIXES:
        return read("", operator + value.translate(_LITERAL))
    return _compared(read, kind, name, operator, value)


def _kind(resource_type: str, name: str, scope: Scope) -> str:
    """The type of a parameter; what is unknown is reported when it is read."""
    if name in ("_id", "_lastUpdated"):
        return "id" if name == "_id" else "date"
    parameter = scope.parameters(resource_type).get(name)
    return parameter.type if parameter else ""


def _compared(read: Callable[[str, str], Clause], kind: str, name: str, operator: str, value: str) -> Clause:
    """Texts, codes, references and ids."""
    clause = read("", value.translate(_LITERAL))
    if operator in ("eq", "re") and kind != "string" and (operator == "eq" or kind == "reference"):
        return clause
    if isinstance(clause, ParameterClause) and is_phonetic(clause.parameter):
        return _alike(clause, name, operator)
    if operator == "ne" and isinstance(clause, IdClause):
        return replace(clause, negated=True)
    if isinstance(clause, ParameterClause) and (operator in ("eq", "ne") or (operator in ("co", "sw", "ew") and kind in _TEXTS)):
        return _text(clause, kind, operator, value)
    raise NotUnderstood("not-supported", f"_filter: {operator} cannot be asked of {name[:60]}. It was left out.")


def _alike(clause: ParameterClause, name: str, operator: str) -> Clause:
    """What sounds alike is equal; it cannot be compared otherwise."""
    if operator == "eq":
        return clause
    raise NotUnderstood("not-supported", f"_filter: {operator} cannot be asked of {name[:60]}. It was left out.")


def _text(clause: ParameterClause, kind: str, operator: str, value: str) -> Clause:
    """A row equal to the text, unequal, with it inside, at its beginning or end."""
    if operator == "ne" and kind != "string":
        return replace(clause, modifier="differs")
    if kind != "string" or operator in ("eq", "ne"):
        return replace(clause, values=(parse_string(value),), modifier=TEXT_MODIFIERS[operator])
    return replace(clause, modifier={"co": "contains", "sw": None, "ew": "ends"}[operator])


def _overlapping(clause: Clause, name: str) -> Clause:
    if isinstance(clause, UpdatedClause):
        return UpdatedClause(tuple(replace(one, prefix="ap") for one in clause.values))
    if isinstance(clause, ParameterClause) and clause.parameter.type == "date":
        return replace(clause, values=tuple(replace(one, prefix="ap") for one in clause.values if isinstance(one, DateValue)))
    raise NotUnderstood("not-supported", f"_filter: po asks for dates; {name[:60]} has none. It was left out.")

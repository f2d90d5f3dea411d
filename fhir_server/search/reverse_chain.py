"""`_has`: resources that others point at (https://hl7.org/fhir/R4/search.html#has).

`Patient?_has:Observation:patient:code=1234-5` finds patients that an Observation with this code has as its `patient`. What follows the
second colon but one is a criterion of the resource that points, so another `_has` or a chain may follow.
"""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.canonical import is_only_canonical
from fhir_server.search.clause import Clause, IdClause, ReverseChainClause
from fhir_server.search.scope import NotUnderstood, Scope, malformed
from fhir_server.search.types.escape import cut, unescape

PREFIX = "_has:"

ParseCriterion = Callable[[str, str, str, Scope, int], Clause]


def parse_has(name: str, value: str, scope: Scope, depth: int, parse: ParseCriterion) -> ReverseChainClause:
    """`_has:Type:parameter:criterion=value`; NotUnderstood where it names nothing that is known here."""
    source, _, rest = name.removeprefix(PREFIX).partition(":")
    code, _, criterion = rest.partition(":")
    if not (source and code and criterion):
        mend = "write _has:Type:reference:parameter=value, for example _has:Observation:patient:code=1234-5"
        raise NotUnderstood("not-found", f"{name[:100]} is no reverse chain; {mend}. It was left out.")
    parameter = _reference(name, source, code, scope)
    return ReverseChainClause(source, parameter, parameter.key(source), parse(source, criterion, value, scope, depth + 1))


def _reference(name: str, source: str, code: str, scope: Scope) -> SearchParameter:
    if source not in scope.definitions.schema.resource_types:
        raise NotUnderstood("not-found", f"{name[:100]}: {source[:60]!r} is no resource type of FHIR R4. It was left out.")
    parameter = scope.parameters(source).get(code)
    if parameter is None or parameter.type != "reference" or not parameter.expression:
        raise NotUnderstood("not-found", f"{name[:100]}: {source} has no reference parameter {code[:60]!r}. It was left out.")
    if is_only_canonical(parameter, source, scope.definitions.schema):
        mend = f"search {source} by {code} with the URL"
        raise NotUnderstood("not-supported", f"{name[:100]}: {code} names its targets by canonical URLs; {mend}. It was left out.")
    return parameter


def parse_list(value: str, scope: Scope) -> Clause:
    """`_list=42`: what the List points at (https://hl7.org/fhir/R4/search.html#list)."""
    ids = tuple(dict.fromkeys(unescape(one) for one in cut(value, ",") if one))
    scope.spend(len(ids))
    if not ids:
        raise malformed("_list", value, "write the id of a List")
    if functional := [one for one in ids if one.startswith("$")]:
        mend = "name the id of a List that is stored here"
        raise NotUnderstood("not-supported", f"The functional list {functional[0][:60]!r} is not kept here; {mend}. It was left out.")
    item = scope.parameters("List")["item"]
    return ReverseChainClause("List", item, item.key("List"), IdClause(tuple(one.removeprefix("List/") for one in ids)))

"""One search criterion, `code:modifier=value,value`, as a clause (https://hl7.org/fhir/R4/search.html#parameters)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.model.phrase import phrase
from fhir_server.search.canonical import urls_named
from fhir_server.search.clause import (
    ChainClause,
    Clause,
    CompositeClause,
    HierarchyClause,
    IdClause,
    Link,
    MissingClause,
    ParameterClause,
    UpdatedClause,
    Value,
)
from fhir_server.search.composite import components_of
from fhir_server.search.facet import facet
from fhir_server.search.hierarchy import hierarchies
from fhir_server.search.modifier import IN_ROWS, canonical_values, modifiers_of, token_values, uri_values
from fhir_server.search.reverse_chain import PREFIX, parse_has, parse_list
from fhir_server.search.scope import LEFT_OUT, MAX_COMPARISONS, NotUnderstood, Scope, malformed, too_costly
from fhir_server.search.text_query import parse_text
from fhir_server.search.types.date import DateValue, parse_date
from fhir_server.search.types.escape import cut, unescape
from fhir_server.search.types.identifier import parse_of_type
from fhir_server.search.types.number import parse_number
from fhir_server.search.types.phonetic import is_phonetic, parse_phonetic
from fhir_server.search.types.position import parse_position
from fhir_server.search.types.quantity import parse_quantity
from fhir_server.search.types.reference import ReferenceValue, parse_reference_value
from fhir_server.search.types.string import parse_exact_string, parse_string
from fhir_server.search.types.uri import parse_uri

SORTED_TYPES = frozenset(("string", "token", "reference", "uri", "number", "quantity", "date"))
SUPPORTED_TYPES = SORTED_TYPES | {"composite", "special"}
_QUERY_WIDE = ("_list", "_text", "_content")
"""Parameters of every type without an expression of their own."""


def parse_criterion(resource_type: str, name: str, value: str, scope: Scope, depth: int = 0) -> Clause:
    """The clause; NotUnderstood for what this server does not know, FhirError(MALFORMED) for a value that cannot be read."""
    scope.step(depth)
    if name.startswith(PREFIX):
        return parse_has(name, value, scope, depth, parse_criterion)
    head, chained, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if chained:

        def beyond(target: str, level: int) -> Clause:
            return parse_criterion(target, rest, value, scope, level)

        return chain(resource_type, code, modifier, rest, scope, depth, beyond)
    if code in _QUERY_WIDE:
        return _query_wide(resource_type, name, code, modifier, value, scope)
    alternatives = [part for part in cut(value, ",") if part]
    if not alternatives:
        sentence = phrase("The search parameter {name} has no value and was left out; give one, or remove it.", name=name)
        raise NotUnderstood("value", sentence)
    scope.spend(len(alternatives))
    if code == "_id":
        return _id(name, modifier, alternatives)
    if code == "_lastUpdated":
        return _updated(name, modifier, alternatives, scope)
    return _parameter(resource_type, name, code, modifier, alternatives, scope)


def _query_wide(resource_type: str, name: str, code: str, modifier: str, value: str, scope: Scope) -> Clause:
    if modifier:
        raise _unsupported_modifier(name, modifier, "")
    scope.used.add((resource_type, code))
    return parse_list(value, scope) if code == "_list" else parse_text(code, value, scope)


def _id(name: str, modifier: str, alternatives: list[str]) -> Clause:
    if modifier not in ("", "not"):
        raise _unsupported_modifier(name, modifier, "not")
    return IdClause(tuple(dict.fromkeys(unescape(one) for one in alternatives)), modifier == "not")


def _updated(name: str, modifier: str, alternatives: list[str], scope: Scope) -> Clause:
    if modifier:
        raise _unsupported_modifier(name, modifier, "")
    return UpdatedClause(tuple(_date(name, one, scope) for one in alternatives))


def _parameter(resource_type: str, name: str, code: str, modifier: str, alternatives: list[str], scope: Scope) -> Clause:
    parameter = _known(resource_type, code, scope)
    if parameter.type == "composite":
        return _composite(resource_type, name, parameter, modifier, alternatives, scope)
    if modifier == "missing":
        return MissingClause(parameter, parameter.key(resource_type), _boolean(name, alternatives))
    if parameter.type == "reference" and modifier in scope.definitions.schema.resource_types:
        references = (_reference(name, one, scope) for one in alternatives)
        return ParameterClause(parameter, parameter.key(resource_type), tuple(_typed(reference, modifier) for reference in references))
    allowed = modifiers_of(parameter)
    if modifier and modifier not in allowed:
        raise _unsupported_modifier(name, modifier, ", ".join(sorted(allowed | {"missing"})))
    return _modified(resource_type, name, parameter, modifier, alternatives, scope)


def _modified(resource_type: str, name: str, parameter: SearchParameter, modifier: str, alternatives: list[str], scope: Scope) -> Clause:
    """The clause of a parameter with a modifier that its type has, or without any."""
    searched = facet(parameter, modifier) or parameter
    if searched.type not in ("token", "reference", "uri") and len(alternatives) > MAX_COMPARISONS:
        raise too_costly(f"The search parameter {name[:100]} has more than {MAX_COMPARISONS} values; ask in several queries.")
    if parameter.type == "reference" and modifier in ("above", "below"):
        return _along(resource_type, name, parameter, modifier, alternatives, scope)
    values = tuple(value for one in alternatives for value in _values(resource_type, searched, name, modifier, one, scope))
    return ParameterClause(searched, searched.key(resource_type), tuple(dict.fromkeys(values)), IN_ROWS.get(modifier))


def _along(resource_type: str, name: str, parameter: SearchParameter, modifier: str, alternatives: list[str], scope: Scope) -> Clause:
    """References along a hierarchy: of versions where canonical URLs are searched, else of resources that are part of others."""
    references = [_reference(name, one, scope) for one in alternatives]
    key = parameter.key(resource_type)
    if all(reference.type == "" for reference in references):
        return ParameterClause(parameter, key, tuple(value for one in references for value in canonical_values(modifier, one)))
    return HierarchyClause(parameter, key, hierarchies(parameter, references, modifier == "above", scope))


def _composite(resource_type: str, name: str, parameter: SearchParameter, modifier: str, alternatives: list[str], scope: Scope) -> Clause:
    components = components_of(parameter, scope.definitions)
    if modifier:
        raise _unsupported_modifier(name, modifier, "")
    if components is None:
        sentence = f"The composite search parameter {parameter.code} has a component that is not supported; it was left out."
        raise NotUnderstood("not-supported", sentence)
    if len(alternatives) > MAX_COMPARISONS:
        raise too_costly(f"The search parameter {name[:100]} has more than {MAX_COMPARISONS} values; ask in several queries.")
    rows = [_component_values(resource_type, components, name, one, scope) for one in _composites(name, alternatives, len(components))]
    return CompositeClause(parameter, components, tuple(one.key(resource_type) for one in components), tuple(dict.fromkeys(rows)))


def _composites(name: str, alternatives: list[str], size: int) -> list[list[str]]:
    """The parts of each value; `a,b$c` is read as what it can only mean: `a$c,b$c`."""
    parts = [cut(one, "$") for one in alternatives]
    if all(len(one) == size for one in parts):
        return parts
    lists = [cut(part, ",") for part in cut(",".join(alternatives), "$")]
    combinations = prod(len(one) for one in lists)
    if len(lists) != size or not all(part for one in lists for part in one):
        raise malformed(name, ",".join(alternatives), f"write {size} values joined by $, for example {'$'.join('abc'[:size])}")
    if combinations > MAX_COMPARISONS:
        raise too_costly(f"The search parameter {name[:100]} stands for more than {MAX_COMPARISONS} combinations; ask in several queries.")
    return [list(one) for one in product(*lists)]


def _component_values(
    resource_type: str, components: tuple[SearchParameter, ...], name: str, parts: list[str], scope: Scope
) -> tuple[Value, ...]:
    """One value for each component."""
    if not all(parts):
        raise malformed(name, "$".join(parts), "give every part a value")
    found = (_values(resource_type, one, name, "", part, scope) for one, part in zip(components, parts, strict=True))
    return tuple(values[0] for values in found)


def _typed(reference: ReferenceValue, type_name: str) -> ReferenceValue:
    """`subject:Device=Patient/1` can match nothing, and says so by an id that no resource has."""
    return ReferenceValue(reference.id if reference.type in (None, type_name) else "", type_name, reference.version)


def _known(resource_type: str, code: str, scope: Scope) -> SearchParameter:
    parameter = scope.parameters(resource_type).get(code)
    if parameter is None:
        sentence = phrase(
            "{type} has no search parameter {code}; the CapabilityStatement lists those there are.",
            type=resource_type, code=repr(code[:100]),
        )  # fmt: skip
        raise NotUnderstood("not-found", sentence + LEFT_OUT)
    if parameter.type not in SUPPORTED_TYPES or not parameter.expression:
        what = f"The search parameter {code} of {resource_type} (type {parameter.type})"
        raise NotUnderstood("not-supported", f"{what} is not supported; it was left out.")
    scope.used.add((resource_type, code))
    return parameter


def _unsupported_modifier(name: str, modifier: str, supported: str) -> NotUnderstood:
    mend = phrase("supported here: {modifiers}", modifiers=supported) if supported else phrase("this parameter takes none")
    sentence = phrase(
        "The modifier {modifier} of the search parameter {name} is not supported; {mend}.",
        modifier=repr(modifier[:60]), name=name[:100], mend=mend,
    )  # fmt: skip
    return NotUnderstood("not-supported", sentence, refused=True)


def _boolean(name: str, alternatives: list[str]) -> bool:
    if alternatives not in (["true"], ["false"]):
        raise malformed(name, ",".join(alternatives), "write true or false")
    return alternatives == ["true"]


def _date(name: str, text: str, scope: Scope) -> DateValue:
    try:
        return parse_date(unescape(text).replace(" ", "+"), scope.zone, scope.now)  # a '+' that was not percent-encoded
    except ValueError as error:
        raise malformed(name, text, str(error)) from None


def _reference(name: str, text: str, scope: Scope) -> ReferenceValue:
    try:
        return parse_reference_value(unescape(text), scope.base)
    except ValueError as error:
        raise malformed(name, text, str(error)) from None


def _values(resource_type: str, parameter: SearchParameter, name: str, modifier: str, text: str, scope: Scope) -> tuple[Value, ...]:
    """What one alternative stands for; FhirError(MALFORMED) where it cannot be read."""
    if parameter.type == "date":
        return (_date(name, text, scope),)
    if parameter.type == "reference":
        return (_reference(name, text, scope),)
    try:
        if modifier == "of-type":
            return (parse_of_type(text),)
        if parameter.type == "token":
            return token_values(resource_type, parameter, name, modifier, text, scope)
        if is_phonetic(parameter):
            return (parse_phonetic(unescape(text)),)
        if modifier == "exact":
            return (parse_exact_string(unescape(text)),)
        if parameter.type == "uri" and modifier:
            return uri_values(modifier, unescape(text))
        return (_PARSERS[parameter.type](text),)
    except ValueError as error:
        raise malformed(name, text, str(error)) from None


_PARSERS: dict[str, Callable[[str], Value]] = {
    "quantity": parse_quantity,
    "string": lambda text: parse_string(unescape(text)),
    "uri": lambda text: parse_uri(unescape(text)),
    "number": lambda text: parse_number(unescape(text)),
    "special": parse_position,
}


def chain(
    resource_type: str, code: str, target: str, rest: str, scope: Scope, depth: int, beyond: Callable[[str, int], Clause]
) -> ChainClause:
    """The reference `code` leads to a resource (of the type `target`, if it is given) for which `beyond(type, depth)` holds; `rest` is
    how the rest of the chain is written."""
    parameter = _known(resource_type, code, scope)
    if parameter.type != "reference":
        raise NotUnderstood("invalid", f"{code} of {resource_type} is no reference, so {code}.{rest[:60]} leads nowhere; it was left out.")
    links, reasons = _links(_targets(parameter, target, scope), beyond, depth + 1)
    if not links and (telling := [reason for reason in reasons if reason.issue.code != "not-found"]):
        told = telling[0].issue
        raise NotUnderstood(told.code, f"{code}.{rest[:60]}: {told.diagnostics}", refused=told.is_error)
    if not links:
        where = target[:60] or f"No type that {code} may refer to"
        what = f"{where} {'is no target with' if target else 'has'} a supported search parameter {rest[:60]!r}"
        raise NotUnderstood("not-found", f"{what}; {code}.{rest[:60]} was left out.")
    urls = {key for link in links for key in urls_named(resource_type, (parameter,), link.type, scope)}
    return ChainClause(parameter, parameter.key(resource_type), tuple(links), tuple(sorted(urls)))


def _targets(parameter: SearchParameter, target: str, scope: Scope) -> tuple[str, ...]:
    """The types that a reference may lead to; a parameter that names none leads to any."""
    types = scope.definitions.schema.resource_types
    allowed = tuple(name for name in parameter.targets if name in types) or tuple(sorted(types))
    return tuple(name for name in allowed if name == target) if target else allowed


def _links(targets: tuple[str, ...], beyond: Callable[[str, int], Clause], depth: int) -> tuple[list[Link], list[NotUnderstood]]:
    """One link for each type that knows the rest of the chain, and why the others do not."""
    links, reasons = [], []
    for target in targets:
        try:
            links.append(Link(target, beyond(target, depth)))
        except NotUnderstood as reason:
            reasons.append(reason)
    return links, reasons

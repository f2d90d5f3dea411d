"""One search criterion, `code:modifier=value,value`, as a clause (https://hl7.org/fhir/R4/search.html#parameters)."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.clause import ChainClause, Clause, IdClause, Link, MissingClause, ParameterClause, UpdatedClause, Value
from fhir_server.search.implicit_system import without_implicit_system
from fhir_server.search.scope import MAX_CHAIN, MAX_COMPARISONS, NotUnderstood, Scope, malformed, too_costly
from fhir_server.search.types.date import DateValue, parse_date
from fhir_server.search.types.escape import cut, unescape
from fhir_server.search.types.number import parse_number
from fhir_server.search.types.quantity import parse_quantity
from fhir_server.search.types.reference import ReferenceValue, parse_reference_value
from fhir_server.search.types.string import parse_string
from fhir_server.search.types.token import parse_token
from fhir_server.search.types.uri import parse_uri

SUPPORTED_TYPES = frozenset(("string", "token", "reference", "uri", "number", "quantity", "date"))
MODIFIERS = {"string": frozenset(("exact", "contains")), "token": frozenset(("not",))}
"""By type; `missing` is for all, and a reference takes the name of a resource type."""


def parse_criterion(resource_type: str, name: str, value: str, scope: Scope, depth: int = 0) -> Clause:
    """The clause; NotUnderstood for what this server does not know, FhirError(MALFORMED) for a value that cannot be read."""
    head, chained, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if chained:
        return _chain(resource_type, code, modifier, rest, value, scope, depth)
    alternatives = [part for part in cut(value, ",") if part]
    if not alternatives:
        raise NotUnderstood("value", f"The search parameter {name} has no value and was left out; give one, or remove it.")
    scope.spend(len(alternatives))
    if code == "_id":
        return _id(name, modifier, alternatives)
    if code == "_lastUpdated":
        return _updated(name, modifier, alternatives, scope)
    return _parameter(resource_type, name, code, modifier, alternatives, scope)


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
    key = parameter.key(resource_type)
    if modifier == "missing":
        return MissingClause(parameter, key, _boolean(name, alternatives))
    if parameter.type == "reference" and modifier in scope.definitions.schema.resource_types:
        references = (_reference(name, one, scope) for one in alternatives)
        return ParameterClause(parameter, key, tuple(_typed(reference, modifier) for reference in references))
    if parameter.type not in ("token", "reference", "uri") and len(alternatives) > MAX_COMPARISONS:
        raise too_costly(f"The search parameter {name[:100]} has more than {MAX_COMPARISONS} values; ask in several queries.")
    allowed = MODIFIERS.get(parameter.type, frozenset())
    if modifier and modifier not in allowed:
        raise _unsupported_modifier(name, modifier, ", ".join(sorted(allowed | {"missing"})))
    values = tuple(_value(resource_type, parameter, name, one, scope) for one in alternatives)
    return ParameterClause(parameter, key, tuple(dict.fromkeys(values)), modifier or None)


def _typed(reference: ReferenceValue, type_name: str) -> ReferenceValue:
    """`subject:Device=Patient/1` can match nothing, and says so by an id that no resource has."""
    return ReferenceValue(reference.id if reference.type in (None, type_name) else "", type_name, reference.version)


def _known(resource_type: str, code: str, scope: Scope) -> SearchParameter:
    parameter = scope.parameters(resource_type).get(code)
    if parameter is None:
        mend = "the CapabilityStatement lists those there are"
        raise NotUnderstood("not-found", f"{resource_type} has no search parameter {code[:100]!r}; {mend}. It was left out.")
    if parameter.type not in SUPPORTED_TYPES or not parameter.expression:
        what = f"The search parameter {code} of {resource_type} (type {parameter.type})"
        raise NotUnderstood("not-supported", f"{what} is not supported; it was left out.")
    return parameter


def _unsupported_modifier(name: str, modifier: str, supported: str) -> NotUnderstood:
    mend = f"supported here: {supported}" if supported else "this parameter takes none"
    what = f"The modifier {modifier[:60]!r} of the search parameter {name[:100]}"
    return NotUnderstood("not-supported", f"{what} is not supported; {mend}. It was left out.")


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


def _value(resource_type: str, parameter: SearchParameter, name: str, text: str, scope: Scope) -> Value:
    if parameter.type == "date":
        return _date(name, text, scope)
    if parameter.type == "reference":
        return _reference(name, text, scope)
    try:
        if parameter.type == "token":
            return without_implicit_system(parse_token(text), resource_type, parameter, scope.definitions)
        return _PARSERS[parameter.type](text)
    except ValueError as error:
        raise malformed(name, text, str(error)) from None


_PARSERS: dict[str, Callable[[str], Value]] = {
    "quantity": parse_quantity,
    "string": lambda text: parse_string(unescape(text)),
    "uri": lambda text: parse_uri(unescape(text)),
    "number": lambda text: parse_number(unescape(text)),
}


def _chain(resource_type: str, code: str, target: str, rest: str, value: str, scope: Scope, depth: int) -> ChainClause:
    if depth >= MAX_CHAIN:
        what = f"The chain ending in {rest[:60]!r} follows more than {MAX_CHAIN} references"
        raise NotUnderstood("not-supported", f"{what}; it was left out.")
    parameter = _known(resource_type, code, scope)
    if parameter.type != "reference":
        raise NotUnderstood("invalid", f"{code} of {resource_type} is no reference, so {code}.{rest[:60]} leads nowhere; it was left out.")
    links, reasons = _links(_targets(parameter, target, scope), rest, value, scope, depth + 1)
    if not links and (telling := [reason for reason in reasons if reason.issue.code != "not-found"]):
        raise NotUnderstood(telling[0].issue.code, f"{code}.{rest[:60]}: {telling[0]}")
    if not links:
        where = target[:60] or f"No type that {code} may refer to"
        what = f"{where} {'is no target with' if target else 'has'} a supported search parameter {rest[:60]!r}"
        raise NotUnderstood("not-found", f"{what}; {code}.{rest[:60]} was left out.")
    return ChainClause(parameter, parameter.key(resource_type), tuple(links))


def _targets(parameter: SearchParameter, target: str, scope: Scope) -> tuple[str, ...]:
    """The types that a reference may lead to; a parameter that names none leads to any."""
    types = scope.definitions.schema.resource_types
    allowed = tuple(name for name in parameter.targets if name in types) or tuple(sorted(types))
    return tuple(name for name in allowed if name == target) if target else allowed


def _links(targets: tuple[str, ...], rest: str, value: str, scope: Scope, depth: int) -> tuple[list[Link], list[NotUnderstood]]:
    """One link for each type that knows the rest of the chain, and why the others do not."""
    links, reasons = [], []
    for target in targets:
        try:
            links.append(Link(target, parse_criterion(target, rest, value, scope, depth)))
        except NotUnderstood as reason:
            reasons.append(reason)
    return links, reasons

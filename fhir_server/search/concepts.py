"""Codes that a token modifier stands for: those of a value set (`:in`), and those above or below a code
(https://hl7.org/fhir/R4/search.html#modifiers). Answered out of the terminology that is loaded, never by a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.search.scope import MAX_EXPANDED, Scope, malformed, too_costly
from fhir_server.search.types.token import TokenValue
from fhir_server.terminology.code_system import CodeSystem
from fhir_server.terminology.terminology import Terminology
from fhir_server.terminology.value_set import NotListable


@lru_cache(maxsize=4)
def terminology_of(definitions: Definitions) -> Terminology:
    """What the searches of one server share."""
    return Terminology(definitions)


def codes_in(name: str, text: str, scope: Scope) -> tuple[TokenValue, ...]:
    """The codes of a value set, given by its canonical URL or as `ValueSet/id`; FhirError that names it where it cannot be listed."""
    canonical = _canonical(text, scope)
    try:
        codes = terminology_of(scope.definitions).expand(canonical)
    except NotListable as reason:
        raise _unanswerable(name, f"the value set {text[:200]} cannot be listed here ({reason})") from None
    return _limited(name, f"The value set {text[:200]}", (TokenValue(code, system) for system, code in codes), scope)


def _canonical(text: str, scope: Scope) -> str:
    """The URL of a value set that is stored here, where the text is its address."""
    address = text.removeprefix(f"{scope.base}/") if scope.base else text
    type_name, slash, id_ = address.partition("/")
    if type_name != "ValueSet" or not slash:
        return text
    return scope.definitions.stored.url_of(type_name, id_) or text


def codes_below(name: str, value: TokenValue, scope: Scope) -> tuple[TokenValue, ...]:
    """The code and all that it subsumes in its code system."""
    table, code = _table(name, value, scope)
    below = (one.code for one in table if one.code == code or code in table.ancestors(one.code))
    return _limited(name, f"The code {code}", (TokenValue(one, value.system) for one in (code, *below)), scope)


def codes_above(name: str, value: TokenValue, scope: Scope) -> tuple[TokenValue, ...]:
    """The code and all that subsume it."""
    table, code = _table(name, value, scope)
    return _limited(name, f"The code {code}", (TokenValue(one, value.system) for one in (code, *sorted(table.ancestors(code)))), scope)


Subsumption = Callable[[str, TokenValue, Scope], tuple[TokenValue, ...]]


def _table(name: str, value: TokenValue, scope: Scope) -> tuple[CodeSystem, str]:
    if not value.system or not value.code:
        raise malformed(name, value.code or value.system or "", "write system|code: what is above and below a code, its system says")
    url, _, version = value.system.partition("|")
    table = terminology_of(scope.definitions).code_system(url, version or None)
    if table is None:
        raise _unanswerable(name, f"the code system {value.system[:200]} is in no package in use with its concepts")
    if table.find(value.code) is None and not table.is_complete:
        raise _unanswerable(name, f"the code system {value.system[:200]} is here without the code {value.code[:100]!r}")
    return table, value.code


def _limited(name: str, what: str, values: Iterable[TokenValue], scope: Scope) -> tuple[TokenValue, ...]:
    found = tuple(islice(_once(values), MAX_EXPANDED + 1))
    scope.expanded += len(found)
    if scope.expanded > MAX_EXPANDED:
        mend = "search for some of them by their codes"
        raise too_costly(f"{what} of {name[:100]} stands for too many codes (all of a query: {MAX_EXPANDED} at most); {mend}.")
    return found


def _once(values: Iterable[TokenValue]) -> Iterator[TokenValue]:
    return iter(dict.fromkeys(values))


def _unanswerable(name: str, why: str) -> FhirError:
    mend = "add the package that has it, or search by codes"
    return fault(Category.MALFORMED, "not-supported", f"The search parameter {name[:100]} cannot be answered: {why}; {mend}.")

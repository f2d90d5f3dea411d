"""Searches by identifiers, read once for each form.

Interfaces look identifiers up all the time: the parameters say the same, only the numbers are others. What reading them came to is kept
with a mark in place of the numbers, as long as the search parameter is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.clause import ParameterClause
from fhir_server.search.implicit_system import without_implicit_system
from fhir_server.search.query import Pair, Query
from fhir_server.search.types.token import TokenValue

MOST = 1000
"""Forms that are kept, of some 1 kB each."""

_SYSTEM_AND_VALUE = re.compile(r"([^\\,$|]+)\|([^\\,$|]+)")
"""One value, with nothing in it escaped."""

MOST_VALUES = 8
"""Searches for more identifiers are rare, and read as any."""

_MARK = TokenValue("\0number", "\0system")
_BESIDE = frozenset(("_count", "_total"))
Pairs = tuple[Pair, ...]


class QueryForms:
    """`read` is the reading of any search."""

    def __init__(self, definitions: Definitions, read: Callable[[str, Sequence[Pair]], Query]):
        self._definitions = definitions
        self._read = read
        self._forms: dict[tuple[str, Pairs], tuple[SearchParameter, Query]] = {}

    def query(self, type_name: str, pairs: Sequence[Pair]) -> Query:
        """What `read` would make of it."""
        identifiers = _identifiers(pairs[0][1]) if pairs and pairs[0][0] == "identifier" else []
        beside = tuple(pairs[1:])
        if not identifiers or type_name not in self._definitions.schema.resource_types or any(name not in _BESIDE for name, _ in beside):
            return self._read(type_name, pairs)
        parameter = self._definitions.search_parameters(type_name).get("identifier")
        form = self._form(type_name, parameter, beside) if parameter is not None else None
        if parameter is None or form is None:
            return self._read(type_name, pairs)
        values = dict.fromkeys(without_implicit_system(one, type_name, parameter, self._definitions) for one in identifiers)
        clause = ParameterClause(parameter, parameter.key(type_name), tuple(values))
        return replace(form, clauses=(clause,), self_pairs=(pairs[0], *form.self_pairs[1:]))

    def _form(self, type_name: str, parameter: SearchParameter, beside: Pairs) -> Query | None:
        """None where the parameter is no token without more ado."""
        kept = self._forms.get((type_name, beside))
        if kept is not None and kept[0] is parameter:
            return kept[1]
        form = self._read(type_name, [("identifier", f"{_MARK.system}|{_MARK.code}"), *beside])
        if form.clauses != (ParameterClause(parameter, parameter.key(type_name), (_MARK,)),) or form.not_understood:
            return None
        if len(self._forms) >= MOST:
            self._forms.clear()
        self._forms[type_name, beside] = parameter, form
        return form


def _identifiers(text: str) -> list[TokenValue]:
    """What `system|value,system|value` asks for; none where it says anything else."""
    found = [_SYSTEM_AND_VALUE.fullmatch(one) for one in text.split(",", MOST_VALUES)]
    return [TokenValue(one[2], one[1]) for one in found if one] if all(found) else []

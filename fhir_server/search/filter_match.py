"""Index rows against the operators of `_filter` that no modifier of search has (https://hl7.org/fhir/R4/search_filter.html#ops).

Of strings the folded text is compared, of codes and URIs the text as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fhir_server.search.clause import ParameterClause
from fhir_server.search.dialect import Sql, any_of
from fhir_server.search.types.string import StringValue

TEXT_MODIFIERS: Mapping[str, str] = {"eq": "equals", "ne": "unequal", "co": "inside", "sw": "begins", "ew": "ends"}
"""Operator -> `ParameterClause.modifier`."""

FILTER_MODIFIERS = frozenset(("differs", *TEXT_MODIFIERS.values()))

LAST_CHARACTER = "\U0010ffff"
_COLUMNS = {"string": "value", "token": "code", "uri": "value"}


def filter_matches(alias: str, clause: ParameterClause, row_matches: Callable[[str, ParameterClause], Sql]) -> Sql:
    """The row of this alias matches; `row_matches` is the comparison without modifiers."""
    if clause.modifier == "differs":
        same = row_matches(alias, ParameterClause(clause.parameter, clause.key, clause.values))
        return Sql(f"NOT ({same.text})", same.values)
    column = f"{alias}.{_COLUMNS[clause.parameter.type]}"
    folded = clause.parameter.type == "string"
    texts = [one.folded if folded else one.text for one in clause.values if isinstance(one, StringValue)]
    return any_of([_CONDITIONS[clause.modifier or ""](column, text) for text in texts])


def _ends(column: str, text: str) -> Sql:
    condition = f"length({column}) >= CAST(? AS integer) AND substr({column}, length({column}) - CAST(? AS integer) + 1) = ?"
    return Sql(condition, (len(text), len(text), text))


_CONDITIONS: Mapping[str, Callable[[str, str], Sql]] = {
    "equals": lambda column, text: Sql(f"{column} = ?", (text,)),
    "unequal": lambda column, text: Sql(f"{column} <> ?", (text,)),
    "inside": lambda column, text: Sql(f"length(replace({column}, ?, '')) < length({column})", (text,)),
    "begins": lambda column, text: Sql(f"{column} >= ? AND {column} < ?", (text, text + LAST_CHARACTER)),
    "ends": _ends,
}

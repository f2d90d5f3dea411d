"""The rows of one group of commits as columns, and the one statement that inserts them all: one round trip for every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.words import word_vector
from fhir_server.store.index_table import INDEX_TABLES, TEXT_TABLE, rows_of
from fhir_server.store.postgresql.text import fitted

_RESOURCE = {"pk": "bigint", "type": "text", "id": "text", "seq": "bigint", "version": "bigint", "deleted": "integer", "updated": "bigint"}
_VERSION = {
    "seq": "bigint", "pk": "bigint", "version": "bigint", "type": "text", "id": "text", "method": "text", "updated": "bigint",
    "content": "bytea",
}  # fmt: skip
_KINDS = {int: "bigint", str: "text", float: "double precision"}
_TABLES: dict[str, dict[str, str]] = {
    "resource": _RESOURCE,
    "version": _VERSION,
    **{
        table: {"pk": "bigint"} | {name: _KINDS[kind] for name, kind in columns.items()}
        for table, (_, columns) in INDEX_TABLES.items()
        if table != TEXT_TABLE
    },
}
_REPLACED = "ON CONFLICT (pk) DO UPDATE SET " + ", ".join(f"{one} = excluded.{one}" for one in ("seq", "version", "deleted", "updated"))

Row = tuple[Any, ...]


def insert_statement() -> str:
    """Takes `arguments`, one array for each column of each table, then the newest pk, seq and time; tells all who listen of the seq."""
    number, parts = 0, []
    for table, columns in _TABLES.items():
        arrays = ", ".join(f"${number + place}::{kind}[]" for place, kind in enumerate(columns.values(), 1))
        conflict = _REPLACED if table == "resource" else ""
        parts.append(f"a_{table} AS (INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) {conflict})")
        number += len(columns)
    texts = f"unnest(${number + 1}::bigint[], ${number + 2}::text[]) AS x (pk, words)"
    parts.append(f"a_text AS (INSERT INTO {TEXT_TABLE} (pk, words) SELECT x.pk, x.words::tsvector FROM {texts})")
    number += 2
    pk, seq, updated = (f"${number + place}::bigint" for place in (1, 2, 3))
    parts.append(f"a_sequence AS (UPDATE change_sequence SET pk = {pk}, seq = {seq}, updated = {updated})")
    return f"WITH {', '.join(parts)} SELECT pg_notify('passerelle_change', {seq}::text)"


def delete_statement() -> str:
    """Takes the pks whose index rows are to go."""
    parts = [f"d_{table} AS (DELETE FROM {table} WHERE pk = ANY($1::bigint[]))" for table in INDEX_TABLES]
    return f"WITH {', '.join(parts)} SELECT 1"


def arguments(resources: Sequence[Row], versions: Sequence[Row], indexes: Mapping[int, IndexRows]) -> list[Sequence[Any]]:
    """The columns of all tables, in the order of `insert_statement`."""
    found: list[Sequence[Any]] = [*_columns(resources, len(_RESOURCE)), *_columns(versions, len(_VERSION))]
    for table, (_, columns) in INDEX_TABLES.items():
        if table == TEXT_TABLE:
            continue
        rows = [(pk, *row) for pk, index in indexes.items() for row in dict.fromkeys(rows_of(index, table))]
        numbers, *others = _columns(rows, 1 + len(columns))
        found.append(numbers)
        found += [_fitted(column, kind) for column, kind in zip(others, columns.values(), strict=True)]
    return found + _columns([(pk, word_vector(*row)) for pk, index in indexes.items() for row in index.texts], 2)


def _columns(rows: Sequence[Row], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _fitted(column: Sequence[Any], kind: type) -> Sequence[Any]:
    return [fitted(value) for value in column] if kind is str else column

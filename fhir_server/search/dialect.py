"""What differs between the databases that run our SQL; everything else is written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from fhir_server.model.json_format import encode_json


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with `?` for each of its values, in order. No value is ever part of the text."""

    text: str
    values: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


class Whole(str):
    """A value that is compared with no column of texts, so that a store that shortens long texts leaves it as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL for the driver of one database, with the values to bind."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`name` says which database."""

    name: Literal["sqlite", "postgresql"]

    def statement(self, sql: Sql) -> Statement:
        """SQLite takes `?`, PostgreSQL `$1`, `$2`, ..."""
        if self.name == "sqlite":
            return Statement(sql.text, sql.values)
        first, *rest = sql.text.split("?")
        return Statement(first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1)), sql.values)

    def member(self, expression: str, numbers: Sequence[int]) -> Sql:
        """True where the expression is one of the numbers: one bound value, so that the text does not depend on how many."""
        if self.name == "sqlite":
            return Sql(f"{expression} IN ({_LISTED})", (encode_json(list(numbers)).decode(),))
        return Sql(f"{expression} = ANY(?::bigint[])", (list(numbers),))

    def among(self, expression: str, texts: frozenset[str]) -> Sql:
        """The same for texts."""
        if len(texts) == 1:
            return Sql(f"{expression} = ?", tuple(texts))
        if self.name == "sqlite":
            return Sql(f"{expression} IN ({_LISTED})", (_listed(texts),))
        return Sql(f"{expression} = ANY(?::text[])", (_sorted(texts),))

    def content(self, column: str) -> str:
        """The column of contents in a page. PostgreSQL's driver takes a page whole: what is large is fetched one by one behind it."""
        return column if self.name == "sqlite" else f"CASE WHEN octet_length({column}) <= {LARGE} THEN {column} END"


@lru_cache(maxsize=256)
def _sorted(texts: frozenset[str]) -> list[str]:
    """Remembered, for the same callers ask with the same lists."""
    return sorted(texts)


@lru_cache(maxsize=256)
def _listed(texts: frozenset[str]) -> str:
    return encode_json(_sorted(texts)).decode()


LARGE = 2**16
"""Bytes of content: 1,000 of these fill a page (`fhir_server.store.page`)."""

_LISTED = "SELECT value FROM json_each(?)"
SQLITE = Dialect("sqlite")
POSTGRESQL = Dialect("postgresql")

KEPT = " LIMIT 1 OFFSET 0"
"""Ends the subquery of a probe: keeps PostgreSQL from making a join of it and beginning with it, by a guess of how many rows it has."""


def joined(separator: str, pieces: Sequence[Sql]) -> Sql:
    return Sql(separator.join(piece.text for piece in pieces), tuple(value for piece in pieces for value in piece.values))


def all_of(pieces: Sequence[Sql]) -> Sql:
    """All hold; the empty one holds always and is left out."""
    return joined(" AND ", [piece for piece in pieces if piece])


def any_of(pieces: Sequence[Sql]) -> Sql:
    """One holds. Many are nested in halves: SQLite limits the depth of an expression, and a chain of ORs is as deep as it is long."""
    if len(pieces) == 1:
        return pieces[0]
    if len(pieces) <= 8:
        return joined(" OR ", [Sql(f"({piece.text})", piece.values) for piece in pieces])
    middle = len(pieces) // 2
    return joined(" OR ", [Sql(f"({half.text})", half.values) for half in (any_of(pieces[:middle]), any_of(pieces[middle:]))])


def one_of(expression: str, values: Sequence[Any]) -> Sql:
    """The expression equals one of the values."""
    if len(values) == 1:
        return Sql(f"{expression} = ?", tuple(values))
    return Sql(f"{expression} IN ({','.join('?' * len(values))})", tuple(values))

# ruff: noqa: S608 - the text is put together from our own names only; every value is bound
"""The question for the grants of actors as SQL; the same for both databases."""

from __future__ import annotations

from collections.abc import Collection

from fhir_server.search.dialect import Dialect, Sql, all_of


def grants_sql(actors: Collection[str], persons: Collection[str] | None, dialect: Dialect) -> Sql:
    """Rows of `Grant`, each once."""
    found = [dialect.among("g.actor", frozenset(actors)), *([] if persons is None else [dialect.among("g.person", frozenset(persons))])]
    where = all_of(found)
    return Sql(f"SELECT DISTINCT g.kind, g.actor, g.person, g.target, g.since, g.until FROM index_grant g WHERE {where.text}", where.values)

"""Point reads and history on a connection.

Contents larger than `dialect.LARGE` do not come with their page but one by one behind it, so that a page ends before it fills the memory.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from fhir_server.search.dialect import POSTGRESQL
from fhir_server.search.sight.grant import Grant
from fhir_server.search.sight.sql import grants_sql
from fhir_server.store.page import page_is_full
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.stored import CURRENT_AT, CURRENT_WHEN, HistoryPage, Period, Stored

VERSION_COLUMNS = "type, id, version, updated, method, content, seq"
_READ = f"""SELECT {", ".join("v." + name for name in VERSION_COLUMNS.split(", "))}
FROM resource r JOIN version v ON v.pk = r.pk AND v.version = r.version WHERE r.type = $1 AND r.id = $2"""
_VREAD = f"""SELECT {VERSION_COLUMNS} FROM version
WHERE pk = (SELECT pk FROM resource WHERE type = $1 AND id = $2) AND version = $3"""
_PAGED = VERSION_COLUMNS.replace("content", POSTGRESQL.content("content"))
_CHANGES = f"SELECT {VERSION_COLUMNS} FROM version WHERE seq > $1 AND type = ANY($2::text[]) ORDER BY seq LIMIT $3"
_AS_OF = f"""SELECT {_PAGED} FROM version
WHERE {CURRENT_WHEN.format(type="$1", after="$2", seq="$3", since="$4", until="$5")} ORDER BY seq LIMIT $6"""
_NEWEST_OF = """SELECT coalesce(max(n.seq), 0) FROM unnest($1::text[]) AS t (type),
    LATERAL (SELECT seq FROM version v WHERE v.type = t.type ORDER BY seq DESC LIMIT 1) n"""
_LARGEST_VERSION = 2**62

NUL = "\0"
"""PostgreSQL has no text with it, and no id is one."""


async def read(connection: Connection, type_name: str, id_: str) -> Stored | None:
    row = await connection.fetchrow(_READ, type_name, id_) if NUL not in id_ else None
    return Stored(*row) if row else None


async def vread(connection: Connection, type_name: str, id_: str, version: int) -> Stored | None:
    row = await connection.fetchrow(_VREAD, type_name, id_, min(version, _LARGEST_VERSION)) if NUL not in id_ else None
    return Stored(*row) if row else None


async def newest(connection: Connection) -> int:
    return int(await connection.fetchval("SELECT seq FROM change_sequence"))


async def secret(connection: Connection) -> bytes:
    return bytes(await connection.fetchval("SELECT value FROM secret WHERE name = 'pages'"))


async def changes(connection: Connection, after: int, types: Sequence[str], limit: int) -> list[Stored]:
    return [Stored(*row) for row in await connection.fetch(_CHANGES, after, list(types), limit)]


async def grants(connection: Connection, actors: Collection[str], persons: Collection[str] | None) -> list[Grant]:
    """See `Store.grants`."""
    statement = POSTGRESQL.statement(grants_sql(actors, persons, POSTGRESQL))
    return [Grant(*row) for row in await connection.fetch(statement.sql, *statement.values)]


async def newest_of(connection: Connection, types: Sequence[str]) -> int:
    """See `Store.newest_of`; a look into the index for each type."""
    return int(await connection.fetchval(_NEWEST_OF, list(types)))


async def as_of(connection: Connection, type_name: str, after: int, seq: int, since: int, until: int, count: int) -> list[Stored]:
    """One page of `Store.as_of`."""
    rows = await connection.fetch(_AS_OF, type_name, after, seq, since, until, count)
    page, _ = await page_of(connection, [Stored(*row) for row in rows], count)
    return page


async def history(
    connection: Connection, type_name: str | None, id_: str | None, count: int, before: int | None, since: int | None,
    at: Period | None = None, oldest_first: bool = False,
) -> HistoryPage:  # fmt: skip
    """One page; `before` is the seq at which it begins, exclusive."""
    if id_ and NUL in id_:
        return HistoryPage([], None, 0)
    scope, values = _scope(type_name, id_, since, at)
    total = await connection.fetchval(f"SELECT count(*) FROM version WHERE {scope}", *values)
    last = len(values)
    begins, order = (">", "ASC") if oldest_first else ("<", "DESC")
    sql = f"SELECT {_PAGED} FROM version WHERE {scope} AND seq {begins} ${last + 1} ORDER BY seq {order} LIMIT ${last + 2}"
    start = before if before is not None else 0 if oldest_first else 2**62
    rows = await connection.fetch(sql, *values, start, count + 1)
    versions, more = await page_of(connection, [Stored(*row) for row in rows], count)
    return HistoryPage(versions, versions[-1].seq if more and versions else None, total)


async def page_of(connection: Connection, rows: Sequence[Stored], count: int) -> tuple[list[Stored], bool]:
    """At most `count` rows, fewer where their contents grow large, and whether there are more."""
    page: list[Stored] = []
    size = 0
    for row in rows:
        if page_is_full(len(page), size, count):
            return page, True
        page.append(await whole(connection, row))
        size += len(page[-1].content or b"")
    return page, False


async def whole(connection: Connection, row: Stored) -> Stored:
    """The row with its content, which stayed behind where it is large."""
    if row.content is not None or row.method == "DELETE":
        return row
    content = await connection.fetchval("SELECT content FROM version WHERE seq = $1", row.seq)
    return Stored(row.type, row.id, row.version, row.updated, row.method, content, row.seq)


def _scope(type_name: str | None, id_: str | None, since: int | None, at: Period | None) -> tuple[str, list[Any]]:
    terms, values = ["true"], list[Any]()
    if type_name and id_:
        terms, values = ["pk = (SELECT pk FROM resource WHERE type = $1 AND id = $2)"], [type_name, id_]
    elif type_name:
        terms, values = ["type = $1"], [type_name]
    if since is not None:
        terms.append(f"updated >= ${len(values) + 1}")
        values.append(since)
    if at is not None:
        terms.append(CURRENT_AT.format(last=f"${len(values) + 1}", first=f"${len(values) + 2}"))
        values += [at[1], at[0]]
    return " AND ".join(terms), values

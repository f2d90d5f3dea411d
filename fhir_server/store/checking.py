"""Whether a database is whole: questions that both databases answer, each with the number of what is wrong; nothing is changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.store.index_table import INDEX_TABLES, TEXT_TABLE
from fhir_server.store.opening import POSTGRESQL, SQLITE

Ask = Callable[[str], Awaitable[list[tuple[Any, ...]]]]

COUNTS = {
    "resources": "SELECT count(*) FROM resource WHERE deleted = 0",
    "deleted resources": "SELECT count(*) FROM resource WHERE deleted = 1",
    "versions": "SELECT count(*) FROM version",
    "messages in the inbox": "SELECT count(*) FROM inbox",
    "messages that failed": "SELECT count(*) FROM inbox WHERE status = 'failed'",
    "types whose index is being made anew": "SELECT count(*) FROM reindexing_type WHERE made <> goal",
    "resources waiting to be indexed anew": "SELECT count(*) FROM reindexing_queue",
}
FAULTS = {
    "numbers missing in the change sequence": "SELECT coalesce(max(seq), 0) - count(*) FROM version",
    "versions of no resource": "SELECT count(*) FROM version v LEFT JOIN resource r ON r.pk = v.pk WHERE r.pk IS NULL",
    "resources whose newest version is not there": """SELECT count(*) FROM resource r
        LEFT JOIN version v ON v.pk = r.pk AND v.version = r.version WHERE v.pk IS NULL OR v.seq <> r.seq""",
    "resources with a gap in their versions": """SELECT count(*) FROM
        (SELECT pk FROM version GROUP BY pk HAVING count(*) <> max(version) OR min(version) <> 1) AS gaps""",
}
POSTGRESQL_FAULTS = {
    "changes behind the change sequence": "SELECT count(*) FROM version WHERE seq > (SELECT seq FROM change_sequence)",
}
_ORPHANS = "SELECT count(*) FROM {table} i LEFT JOIN resource r ON r.pk = i.{pk} AND r.deleted = 0 WHERE r.pk IS NULL"
_ANY_PLAN = dict.fromkeys(("enable_hashjoin", "enable_mergejoin", "enable_seqscan"), "on") | {"statement_timeout": "0"}


@dataclass(slots=True)
class Report:
    """`faults` are those found, with their number; `problem` is why there was nothing more to look at."""

    version: int = 0
    newest_version: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_well(self) -> bool:
        return not (self.faults or self.problem) and self.version == self.newest_version


async def check(url: str) -> Report:
    """The report on the database that a URL names; FhirError (NOT_FOUND, STORAGE) where there is none."""
    if url.startswith(POSTGRESQL):
        return await _check_postgresql(url)
    return await _check_sqlite(Path(url.removeprefix(SQLITE)))


async def _check_sqlite(path: Path) -> Report:
    from fhir_server.store.sqlite.migration import migrations

    if not await asyncio.to_thread(path.is_file):
        raise fault(Category.NOT_FOUND, "not-found", f"There is no database at {path}; name it by --data or --database.")
    with closing(_read_only(path)) as connection:

        async def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        report = Report(newest_version=migrations()[-1][0])
        try:
            ((report.version,),) = await ask("PRAGMA user_version")
            if wrong := [row[0] for row in await ask("PRAGMA integrity_check(10)") if row[0] != "ok"]:
                report.problem = "; ".join(wrong)
                return report
            await _questions(report, ask, FAULTS, "rowid")
        except sqlite3.DatabaseError as error:
            report.problem = str(error)
    return report


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


async def _check_postgresql(url: str) -> Report:
    from fhir_server.store.postgresql.connection import READER, cannot_open, connect
    from fhir_server.store.postgresql.migration import migrations

    try:
        connection = await connect(url, {**READER, **_ANY_PLAN})
    except Exception as error:
        raise cannot_open(url, error) from error

    async def ask(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await connection.fetch(sql)]

    report = Report(newest_version=migrations()[-1][0])
    try:
        if (await ask("SELECT to_regclass('schema_version') IS NULL"))[0][0]:
            return report
        ((report.version,),) = await ask("SELECT coalesce(max(version), 0) FROM schema_version")
        await _questions(report, ask, {**FAULTS, **POSTGRESQL_FAULTS}, "pk")
    except Exception as error:
        report.problem = type(error).__name__
    finally:
        await connection.close()
    return report


async def _questions(report: Report, ask: Ask, faults: dict[str, str], text_pk: str) -> None:
    """Only of a database of this release: others have other tables."""
    if report.version != report.newest_version:
        return
    for name, sql in COUNTS.items():
        report.counts[name] = int((await ask(sql))[0][0])
    for name, sql in (*faults.items(), *_orphans(text_pk)):
        if number := int((await ask(sql))[0][0]):
            report.faults[name] = number


def _orphans(text_pk: str) -> Iterator[tuple[str, str]]:
    for table in INDEX_TABLES:
        yield f"rows of {table} of no resource", _ORPHANS.format(table=table, pk=text_pk if table == TEXT_TABLE else "pk")

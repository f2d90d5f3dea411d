"""A small real database: the tables of the migrations, filled with index rows by the extractor, searched by our SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.search.dialect import SQLITE, Statement
from fhir_server.search.extract import IndexExtractor
from fhir_server.search.including import Included, including
from fhir_server.search.page import LAST_PAGE, page_token
from fhir_server.search.query import Query, parse_query
from fhir_server.search.sql import after_row, count_sql, to_sql
from fhir_server.search.turning import in_order, tokens
from fhir_server.store.index_table import INDEX_TABLES
from fhir_server.store.sqlite.migration import migrate
from fhir_server.store.sqlite.rows import pk_column

ZONE = ZoneInfo("Europe/Paris")
BASE = "http://me.example/fhir"
NOW = 1_717_243_200_000_000  # 2024-06-01T12:00:00Z
UPDATED = 1_700_000_000_000_000  # 2023-11-14T22:13:20Z, of the first resource; each further one is a second later
TABLES = {attribute: table for table, (attribute, _) in INDEX_TABLES.items()}


def own_resources() -> list[dict[str, Any]]:
    """The resources of this folder, in the order of the file."""
    lines = (Path(__file__).parent / "resources.ndjson").read_bytes().splitlines()
    return [decode_resource(line) for line in lines if line]


class SearchDatabase:
    """On SQLite; `tests.search.postgresql_database` has the same on PostgreSQL."""

    dialect = SQLITE

    def __init__(self, definitions: Definitions, resources: Iterable[dict[str, Any]] = ()):
        self.definitions = definitions
        self.extractor = IndexExtractor(definitions, ZONE, BASE)
        self.resources: list[dict[str, Any]] = []
        self.open()
        for resource in resources:
            self.put(resource)

    def open(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.connection)

    def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.sql, statement.values).fetchall()

    def insert(self, table: str, row: Sequence[Any]) -> None:
        names = f"({pk_column(table)}, {', '.join(INDEX_TABLES[table][1])})" if table in INDEX_TABLES else ""
        self.connection.execute(f"INSERT INTO {table} {names} VALUES ({','.join('?' * len(row))})", row)

    def put(self, resource: dict[str, Any]) -> None:
        self.resources.append(resource)
        pk = len(self.resources)
        updated, type_name, id_ = UPDATED + (pk - 1) * 1_000_000, resource["resourceType"], resource["id"]
        self.insert("resource", (pk, type_name, id_, pk, 1, 0, updated))
        self.insert("version", (pk, pk, 1, type_name, id_, "POST", updated, encode_json(resource)))
        rows = self.extractor.extract(resource)
        for name, table in TABLES.items():
            for row in getattr(rows, name):
                self.insert(table, (pk, *row))

    def query(self, search: str) -> Query:
        """`Patient?name=x`, the values percent-encoded where they must be."""
        type_name, _, text = search.partition("?")
        return self.parse(type_name, parse_qsl(text, keep_blank_values=True))

    def parse(self, type_name: str, pairs: Sequence[tuple[str, str]]) -> Query:
        return parse_query(type_name, pairs, self.definitions, zone=ZONE, base=BASE, now=NOW)

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        return self.fetch(to_sql(query, dialect=self.dialect))

    def ids(self, search: str | Query) -> list[str]:
        """Ids of the first page, in the asked order."""
        query = self.query(search) if isinstance(search, str) else search
        return [row[2] for row in self.rows(query)[: query.count]]

    def count(self, search: str | Query) -> int:
        query = self.query(search) if isinstance(search, str) else search
        return int(self.fetch(count_sql(query, dialect=self.dialect))[0][0])

    def included(self, search: str) -> list[str]:
        """`Type/id` of what the first page includes."""
        query = self.query(search)
        return [f"{row[1]}/{row[2]}" for row in self.including(query, [row[0] for row in self.rows(query)[: query.count]]).rows]

    def including(self, query: Query, pks: Sequence[int]) -> Included:
        steps = including(query, pks, self.dialect)
        try:
            statement = next(steps)
            while True:
                statement = steps.send(self.fetch(statement))
        except StopIteration as end:
            included: Included = end.value
            return included

    def pages(self, search: str, count: int) -> list[list[str]]:
        """Ids page by page, each page asked for with the token of the one before."""
        found: list[list[str]] = []
        token = ""
        while True:
            query = self.query(f"{search}&_count={count}{'&_page=' + token if token else ''}")
            rows = self.rows(query)
            found.append([row[2] for row in rows[:count]])
            if len(rows) <= count:
                return found
            token = page_token(after_row(rows[count - 1]))

    def pages_back(self, search: str, count: int) -> list[list[str]]:
        """Ids page by page from the end, each page asked for with the token of the one that follows it; in the order of the search."""
        found: list[list[str]] = []
        token: str | None = page_token(LAST_PAGE)
        while token:
            query = self.query(f"{search}&_count={count}&_page={token}")
            read = self.rows(query)
            rows = in_order(query, read[:count])
            found.append([row[2] for row in rows])
            token = tokens(query, rows, len(read) > count)[1]
        return found[::-1]

    def plan(self, search: str) -> list[str]:
        statement = to_sql(self.query(search))
        return [row[3] for row in self.connection.execute("EXPLAIN QUERY PLAN " + statement.sql, statement.values)]

"""The database of these tests on PostgreSQL, filled by the store's own statement."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.json_format import encode_json
from fhir_server.search.dialect import POSTGRESQL, Statement
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.postgresql.rows import arguments, insert_statement
from fhir_server.store.postgresql.text import fitted_values
from tests.search.database import UPDATED, SearchDatabase


class PostgresqlSearchDatabase(SearchDatabase):
    """`url` names an empty database with our tables."""

    dialect = POSTGRESQL

    def __init__(self, url: str, definitions: Definitions, resources: Iterable[dict[str, Any]] = ()):
        self._url = url
        super().__init__(definitions, resources)

    def open(self) -> None:
        self._loop = asyncio.Runner()
        self._session = self._loop.run(connect(self._url, WRITER))

    def close(self) -> None:
        self._loop.run(self._session.close())
        self._loop.close()

    def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        async def rows() -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await self._session.fetch(statement.sql, *fitted_values(statement.values))]

        return self._loop.run(rows())

    def put(self, resource: dict[str, Any]) -> None:
        self.resources.append(resource)
        pk = len(self.resources)
        updated, type_name, id_ = UPDATED + (pk - 1) * 1_000_000, resource["resourceType"], resource["id"]
        newest = (pk, type_name, id_, pk, 1, 0, updated)
        version = (pk, pk, 1, type_name, id_, "POST", updated, encode_json(resource))
        columns = arguments([newest], [version], {pk: self.extractor.extract(resource)})
        self._loop.run(_execute(self._session, insert_statement(), *columns, pk, pk, updated))


async def _execute(session: Any, sql: str, *values: Any) -> None:
    await session.execute(sql, *values)

"""The head of this process's audit chain, and the rows that are added to it, within a transaction of the writer."""

from __future__ import annotations

from fhir_server.store import audit_statements as statements
from fhir_server.store.audit_chain import Chain, Links, Row, first_link
from fhir_server.store.postgresql.connection import Connection

_ENTRY = {
    "chain": "bigint", "number": "bigint", "recorded": "bigint", "subject": "text", "action": "text", "outcome": "integer",
    "body": "bytea", "query": "bytea", "salt": "bytea", "query_digest": "bytea", "hash": "bytea",
}  # fmt: skip
_INSERT = f"INSERT INTO audit ({', '.join(_ENTRY)}) SELECT * FROM unnest({', '.join(f'?::{kind}[]' for kind in _ENTRY.values())})"
_HEAD, _LAST_CHAIN, _NEW_CHAIN = (statements.numbered(one) for one in (statements.HEAD, statements.LAST_CHAIN, statements.NEW_CHAIN))
_ADD = statements.numbered(f"WITH entries AS ({_INSERT}) {statements.MOVE_HEAD}")


async def links_of(connection: Connection, chain: Chain, now: int) -> Links:
    """Where the chain goes on; it is begun, behind the newest entry of the chain before, where it has none yet."""
    if head := await connection.fetchrow(_HEAD, chain.id):
        return Links(chain, head["number"], head["hash"])
    parent, number, last = await connection.fetchrow(_LAST_CHAIN) or (None, 0, b"")
    first = first_link(chain.key, chain.id, last)
    await connection.execute(_NEW_CHAIN, chain.id, now, int(chain.key is not None), parent, number, last, first)
    return Links(chain, 0, first)


async def add(connection: Connection, links: Links, entries: list[Row]) -> None:
    """All rows, at least one, and the new head, in one round trip."""
    await connection.execute(_ADD, *zip(*entries, strict=True), links.number, links.last, links.chain.id)

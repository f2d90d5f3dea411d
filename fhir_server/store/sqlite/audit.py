"""The head of this process's audit chain, within a transaction of the writer."""

from __future__ import annotations

import sqlite3

from fhir_server.store import audit_statements as statements
from fhir_server.store.audit_chain import Chain, Links, first_link


def links_of(connection: sqlite3.Connection, chain: Chain, now: int) -> Links:
    """Where the chain goes on; it is begun, behind the newest entry of the chain before, where it has none yet."""
    if head := connection.execute(statements.HEAD, (chain.id,)).fetchone():
        return Links(chain, *head)
    parent, number, last = connection.execute(statements.LAST_CHAIN).fetchone() or (None, 0, b"")
    first = first_link(chain.key, chain.id, last)
    connection.execute(statements.NEW_CHAIN, (chain.id, now, int(chain.key is not None), parent, number, last, first))
    return Links(chain, 0, first)


HEAD_FOLLOWS = """CREATE TEMP TRIGGER audit_head_follows AFTER INSERT ON main.audit BEGIN
    UPDATE audit_chain SET number = NEW.number, hash = NEW.hash WHERE chain = NEW.chain;
END"""
"""On the writer's own connection only: entries that anybody else adds stand behind the head, and are found there."""

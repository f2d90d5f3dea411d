"""The SQL of the audit trail, the same on every store; `?` stands for a value (PostgreSQL gets numbers instead: `numbered`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from fhir_server.store.audit import AuditSearch, Position

Values = Sequence[Any]
Statement = tuple[str, Values]

READ_COLUMNS = "a.chain, a.number, a.body, a.query, a.query_digest, a.hash"
ROWS = 200
_OF_ALL = "audit a"
_OF_PATIENT = "audit_patient p JOIN audit a ON a.chain = p.chain AND a.number = p.number"
_NEWEST, _OLDEST = (2**62, 2**62, 2**62), (-1, -1, -1)

CHAIN_COLUMNS = "chain, started, keyed, parent, parent_number, parent_hash, number, hash, first, first_hash, first_seal, indexed"
CHAINS = f"SELECT {CHAIN_COLUMNS} FROM audit_chain ORDER BY started, chain"
HEAD = "SELECT number, hash FROM audit_chain WHERE chain = ?"
LAST_CHAIN = "SELECT chain, number, hash FROM audit_chain ORDER BY started DESC, chain DESC LIMIT 1"
NEW_CHAIN = """INSERT INTO audit_chain (chain, started, keyed, parent, parent_number, parent_hash, number, hash)
VALUES (?, ?, ?, ?, ?, ?, 0, ?)"""
LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM audit WHERE chain = ?"
MOVE_HEAD = "UPDATE audit_chain SET number = ?, hash = ? WHERE chain = ?"
NOT_INDEXED = "SELECT chain, indexed, number FROM audit_chain WHERE indexed < number"
INDEXED = "UPDATE audit_chain SET indexed = ? WHERE chain = ? AND indexed < ?"
BODIES = "SELECT number, body FROM audit WHERE chain = ? AND number > ? AND number <= ? ORDER BY number LIMIT ?"
PATIENT_ROWS = "SELECT chain, count(*) FROM audit_patient GROUP BY chain"
FORGET_PATIENT = """UPDATE audit SET query = NULL, salt = NULL WHERE query IS NOT NULL
AND (chain, number) IN (SELECT chain, number FROM audit_patient WHERE patient = ?)"""
QUERIES = "SELECT chain, number, query FROM audit WHERE query IS NOT NULL AND chain = ? AND number > ? ORDER BY number LIMIT ?"
FORGET_ONE = "UPDATE audit SET query = NULL, salt = NULL WHERE chain = ? AND number = ?"
OLD = "SELECT number, hash FROM audit WHERE chain = ? AND number > ? AND recorded >= ? ORDER BY number LIMIT 1"
LINK = "SELECT hash FROM audit WHERE chain = ? AND number = ?"
REMOVE = "DELETE FROM audit WHERE chain = ? AND number <= ?"
REMOVE_PATIENTS = "DELETE FROM audit_patient WHERE chain = ? AND number <= ?"
CHECKPOINT = "UPDATE audit_chain SET first = ?, first_hash = ?, first_seal = ? WHERE chain = ?"


def page(search: AuditSearch, limit: int, after: Position | None) -> Statement:
    """Rows of READ_COLUMNS and the time, in order behind `after`."""
    of = "p" if search.patient is not None else "a"
    terms, values = _terms(search, of)
    compared, order = (">", "ASC") if search.oldest_first else ("<", "DESC")
    terms.append(f"({of}.recorded, {of}.chain, {of}.number) {compared} (?, ?, ?)")
    values += after or (_OLDEST if search.oldest_first else _NEWEST)
    source = _OF_PATIENT if of == "p" else _OF_ALL
    ordered = ", ".join(f"{of}.{name} {order}" for name in ("recorded", "chain", "number"))
    return f"SELECT {READ_COLUMNS}, a.recorded FROM {source} WHERE {' AND '.join(terms)} ORDER BY {ordered} LIMIT ?", [*values, limit]


def _terms(search: AuditSearch, of: str) -> tuple[list[str], list[Any]]:
    given: list[tuple[str, Any]] = [
        ("p.patient = ?", search.patient),
        ("a.subject = ?", search.subject),
        (f"{of}.recorded >= ?", search.since),
        (f"{of}.recorded < ?", search.until),
    ]
    terms, values = [sql for sql, value in given if value is not None], [value for _, value in given if value is not None]
    for name, allowed in (("action", search.actions), ("outcome", search.outcomes)):
        if allowed is not None:
            terms.append(f"a.{name} IN ({','.join('?' * len(allowed)) or 'NULL'})")
            values += sorted(allowed)
    return terms, values


def patient_rows(rows: Sequence[Values]) -> Iterator[Statement]:
    """Rows of audit_patient, those that are there already excepted, in statements of many rows."""
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        marks = ", ".join(["(?, ?, ?, ?)"] * len(some))
        sql = f"INSERT INTO audit_patient (patient, recorded, chain, number) VALUES {marks} ON CONFLICT DO NOTHING"
        yield sql, [value for row in some for value in row]


def numbered(sql: str) -> str:
    """`?` as `$1`, `$2`..."""
    numbers = count(1)
    first, *others = sql.split("?")
    return first + "".join(f"${next(numbers)}{part}" for part in others)

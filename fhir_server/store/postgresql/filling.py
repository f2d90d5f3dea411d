"""Large content into its row in pieces: they wait in a table of the session, of which the database makes the whole."""

from __future__ import annotations

from fhir_server.store.large_content import pieces
from fhir_server.store.postgresql.connection import Connection

_TABLE = "CREATE TEMPORARY TABLE IF NOT EXISTS content_piece (number integer, content bytea) ON COMMIT DELETE ROWS"
_PIECE = "INSERT INTO pg_temp.content_piece (number, content) VALUES ($1::integer, $2::bytea)"
_WHOLE = """UPDATE version SET content = (SELECT string_agg(content, ''::bytea ORDER BY number) FROM pg_temp.content_piece)
WHERE seq = $1::bigint"""
_EMPTY = "TRUNCATE pg_temp.content_piece"


async def fill(connection: Connection, seq: int, content: bytes) -> None:
    """Inside a transaction that has written the row of this `seq` without its content."""
    await connection.execute(_TABLE)
    for number, piece in enumerate(pieces(content)):
        await connection.execute(_PIECE, number, piece)
    await connection.execute(_WHOLE, seq)
    await connection.execute(_EMPTY)

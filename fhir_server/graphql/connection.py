"""A connection: the page that is asked for, and what it says of itself (https://hl7.org/fhir/R4/graphql.html#searching)."""

from __future__ import annotations

from typing import Any

from fhir_server.graphql.fault import malformed
from fhir_server.graphql.missing import no_field
from fhir_server.graphql.searching import Cursor, page_size, pairs_of, read_cursor
from fhir_server.graphql.selection import Field
from fhir_server.graphql.source import Found, Pair, Source


def cursor_of(field: Field, type_name: str, pairs: list[Pair], source: Source) -> Cursor:
    """The page that a cursor means, or the first one of a new search; `pairs` hold beside the arguments."""
    given = [name for name in ("cursor", "_cursor") if name in field.arguments]
    if not given:
        asked = [*pairs, *pairs_of(type_name, field.arguments, source, field.node)]
        if "_offset" in field.arguments:
            raise malformed("A connection goes on by its cursors, not by _offset.", field.node)
        return Cursor(type_name, asked, page_size(field.arguments, field.node), fhirpath=field.arguments.get("fhirpath"))
    if len(field.arguments) > 1:
        raise malformed("A cursor says what is searched; leave the other arguments out.", field.node)
    return read_cursor(field.arguments[given[0]], type_name, field.node)


def of_connection(field: Field, cursor: Cursor, found: Found) -> Any:
    """A field of a connection but its edges. `last` stays away, as a searchset may leave links out: its offset would need a count."""
    onward = _page(cursor, cursor.offset + len(found.edges), found.next) if found.next else None
    first = _page(cursor, 0, None) if cursor.page else None
    back = _page(cursor, max(cursor.offset - cursor.size, 0), found.previous) if found.previous else None
    known = {"count": found.total, "offset": cursor.offset, "pagesize": cursor.size, "first": first, "previous": back}
    known |= {"next": onward, "last": None, "__typename": f"{cursor.type}Connection"}
    if field.name not in known:
        raise no_field(field, f"{cursor.type}Connection", [*known, "edges"])
    return known[field.name]


def _page(cursor: Cursor, offset: int, page: str | None) -> str:
    return Cursor(cursor.type, cursor.pairs, cursor.size, offset, page, cursor.fhirpath).text()

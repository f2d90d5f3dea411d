"""Turning pages both ways: a page that was read backwards put in the asked order, and the tokens of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from fhir_server.search.page import page_token
from fhir_server.search.query import Query
from fhir_server.search.sql import after_row

Row = TypeVar("Row")


def in_order(query: Query, read: list[Row]) -> list[Row]:
    """The rows as they were asked for, whichever way they were read."""
    return read[::-1] if query.after is not None and query.after.backwards else read


def tokens(query: Query, rows: Sequence[Sequence[Any]], more: bool) -> tuple[str | None, str | None]:
    """Of the next page and of the one before, None where there is none; `rows` of `to_sql` in order, `more` where it has more to read.

    On the side that the page was come to from, there is a neighbour; what was there may have been deleted meanwhile.
    """
    if not rows:
        return None, None
    came_from = query.after
    if came_from is not None and came_from.backwards:
        following, preceding = not came_from.is_last, more
    else:
        following, preceding = more, came_from is not None
    return (
        page_token(after_row(rows[-1])) if following else None,
        page_token(after_row(rows[0], backwards=True)) if preceding else None,
    )

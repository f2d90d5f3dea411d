"""When a page ends, the same on every store."""

from __future__ import annotations

PAGE_BYTES = 64 * 2**20
"""A page that holds more ends early, with a next page behind it: `_count=1000` of large attachments must not fill the memory."""


def page_is_full(rows: int, size: int, count: int) -> bool:
    """`rows` and `size` (bytes of content) of what is on the page, `count` as it was asked for."""
    return rows == count or size > PAGE_BYTES

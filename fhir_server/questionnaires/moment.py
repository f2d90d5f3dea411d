"""Dates of any precision on one line, by the moment they begin at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def earliest(text: Any) -> datetime | None:
    """The first moment of `2022`, `2022-06`, `2022-06-30` or a time with offset (days without one in UTC); None for anything else."""
    if not isinstance(text, str):
        return None
    whole = text + "0001-01-01"[len(text) :] if len(text) < 10 else text
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

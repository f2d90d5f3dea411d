"""The objects of a JSON array, whatever else somebody may have put into it."""

from __future__ import annotations

from typing import Any


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of an array; [] where there is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def indexed(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects of an array with their places in it."""
    return [(index, one) for index, one in enumerate(value) if isinstance(one, dict)] if isinstance(value, list) else []

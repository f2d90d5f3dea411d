"""All JSON objects of a resource, at any depth, for checks that look for a member wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def objects_within(node: Any) -> Iterator[dict[str, Any]]:
    """The node itself where it is an object, and every object below it; in no order that means anything."""
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one

"""The prefixes of ordered values (https://hl7.org/fhir/R4/search.html#prefix)."""

from __future__ import annotations

from typing import Literal, cast

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]

PREFIXES = frozenset(("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"))


def split_prefix(text: str) -> tuple[Prefix, str]:
    """`ge2020` -> ("ge", "2020"); without a prefix it is `eq`."""
    if text[:2] in PREFIXES:
        return cast(Prefix, text[:2]), text[2:]
    return "eq", text

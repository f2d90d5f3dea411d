"""Search values that mean what they say whatever characters are in them (https://hl7.org/fhir/R4/search.html#escaping)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = str | int | bool
Parameters: TypeAlias = Mapping[str, Value | Sequence[Value]]
"""Search parameters: `{"family": "Payet"}`; several values of one name must all match: `{"date": ["ge2026-01", "lt2026-02"]}`."""


def escaped(text: str) -> str:
    r"""Text that is searched for as it stands: `,`, `|`, `$` and `\` lose their meaning."""
    return re.sub(r"([\\,|$])", r"\\\1", text)


def token(system: str, code: str) -> str:
    """`system|code`, as identifiers and codes are searched for."""
    return f"{escaped(system)}|{escaped(code)}"


def any_of(*values: str) -> str:
    """Any of these values, each written as it would stand alone."""
    return ",".join(values)


def pairs(parameters: Parameters | None) -> list[tuple[str, str]]:
    """Name and text of each parameter, in order."""
    listed = ((name, value if isinstance(value, list | tuple) else [value]) for name, value in (parameters or {}).items())
    return [(name, _text(value)) for name, values in listed for value in values]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

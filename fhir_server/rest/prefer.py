"""The Prefer header (https://hl7.org/fhir/R4/http.html#ops, https://www.rfc-editor.org/rfc/rfc7240)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: dict[str, Return] = {"minimal": "minimal", "representation": "representation", "operationoutcome": "OperationOutcome"}


class Preferences(NamedTuple):
    """`returns` is None where nothing was said; `handling` strict means that unknown search parameters are refused."""

    returns: Return | None = None
    handling: Literal["strict", "lenient"] | None = None


@lru_cache(maxsize=128)
def preferences(header: str) -> Preferences:
    """What the header says; preferences that are not known are ignored, as RFC 7240 asks."""
    pairs = (part.partition("=") for part in header.replace(";", ",").split(","))
    said = {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}
    handling = said.get("handling")
    return Preferences(_RETURNS.get(said.get("return", "")), handling if handling in ("strict", "lenient") else None)  # type: ignore[arg-type]

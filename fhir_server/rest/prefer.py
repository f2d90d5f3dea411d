"""The Prefer header (https://hl7.org/fhir/R4/http.html#ops, https://www.rfc-editor.org/rfc/rfc7240)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

Handling = Literal["strict", "lenient"]
Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: dict[str, Return] = {"minimal": "minimal", "representation": "representation", "operationoutcome": "OperationOutcome"}
_HANDLINGS: dict[str, Handling] = {"strict": "strict", "lenient": "lenient"}


class Preferences(NamedTuple):
    """`returns` is None where nothing was said; `handling` strict means that unknown search parameters are refused; `is_async` asks for
    202 and a place to look for the answer later (https://hl7.org/fhir/R4/async.html)."""

    returns: Return | None = None
    handling: Handling | None = None
    is_async: bool = False


@lru_cache(maxsize=128)
def preferences(header: str) -> Preferences:
    """What the header says; preferences that are not known are ignored, as RFC 7240 asks."""
    pairs = (part.partition("=") for part in header.replace(";", ",").split(","))
    said = {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}
    handling = _HANDLINGS.get(said.get("handling", ""))
    return Preferences(_RETURNS.get(said.get("return", "")), handling, "respond-async" in said)

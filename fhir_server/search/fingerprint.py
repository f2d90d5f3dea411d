"""Fingerprints of search parameters: two are equal where their index rows, made from the same resource, are equal.

What the rows depend on: the parameter's definition (https://hl7.org/fhir/R4/searchparameter.html), the zone of dates without an offset,
this server's own base URL in references, and how this release reads values (`READING`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.composite import components_of
from fhir_server.search.extract import NOT_INDEXED
from fhir_server.search.types.phonetic import is_phonetic

READING: Mapping[str, int] = {
    "string": 2, "token": 1, "reference": 1, "date": 1, "number": 1, "quantity": 1, "uri": 1, "special": 1, "composite": 1, "text": 1,
    "phonetic": 1, "access": 2,
}  # fmt: skip
"""By type of the parameter; raised when a release makes other rows out of the same values (a test watches over that).
Parameters of that type are then made anew in every database; what `_text` and `_content` search is `text`."""

TEXTS = ("_text", "_content")
ACCESS = "_access"
"""What stands for the rows that access is decided by: whoever may not see everything waits until they are made."""


def fingerprints(definitions: Definitions, resource_type: str, zone: str, base: str | None) -> dict[str, str]:
    """Of all parameters of a type that are indexed, by code; 16 hexadecimal digits each."""
    parameters = definitions.search_parameters(resource_type)
    indexed = {code: one for code, one in parameters.items() if one.expression and code not in NOT_INDEXED}
    found = {code: _fingerprint(one, definitions, zone, base) for code, one in indexed.items()}
    found[ACCESS] = _digest("access", READING["access"], zone, base)
    return found | dict.fromkeys(TEXTS, _digest("text", READING["text"]))


def _fingerprint(parameter: SearchParameter, definitions: Definitions, zone: str, base: str | None) -> str:
    parts = [parameter.type, READING.get(parameter.type, 0), parameter.expression, parameter.targets]
    kinds = {parameter.type}
    if parameter.type == "composite":
        components = components_of(parameter, definitions) or ()
        parts += [(one.type, READING.get(one.type, 0), one.expression, one.targets) for one in components]
        kinds |= {one.type for one in components}
    if is_phonetic(parameter):
        parts.append(("phonetic", READING["phonetic"]))
    if "date" in kinds:
        parts.append(zone)
    if "reference" in kinds:
        parts.append(base)
    return _digest(*parts)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

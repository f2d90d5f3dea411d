"""A canonical URL: is what it names known, contained where it says so, and of a type that the element allows?
(https://hl7.org/fhir/R4/references.html#canonical)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.surroundings import Visit, error

SOURCE = "https://hl7.org/fhir/R4/references.html#canonical"
BASE = "http://hl7.org/fhir/StructureDefinition/"
PROFILES = ("Meta.profile", "Resource.meta.profile")


def check_canonical(visit: Visit) -> Iterator[Issue]:
    """The issues of one canonical; an unknown one is no issue, since what it names may live elsewhere."""
    text = visit.value
    if not isinstance(text, str) or visit.path in PROFILES:
        return
    found = visit.around.canonical(text)
    if found is None:
        if text.startswith("#"):
            yield error(
                "invalid", visit.at, phrase("No contained resource has the id '{text}'.", text=text[1:]), "canonical-contained", SOURCE
            )
        return
    allowed = allowed_types(visit.around.definitions, visit.path)
    kind = found.get("resourceType")
    if allowed and kind not in allowed:
        sentence = phrase("{text} is a {kind}; allowed here: {allowed}.", text=text, kind=kind, allowed=", ".join(allowed))
        yield error("invalid", visit.at, sentence, "canonical-type", SOURCE)


@lru_cache(maxsize=1024)
def allowed_types(definitions: Definitions, path: str) -> tuple[str, ...]:
    """The resource types that the definition of an element allows for its canonical; none where all are allowed."""
    structure = definitions.resolve(BASE + path.partition(".")[0]) or {}
    rows = structure.get("snapshot", {}).get("element", ())
    row: dict[str, Any] = next((one for one in rows if one.get("path") == path), {})
    targets = [target for kind in row.get("type", ()) if kind.get("code") == "canonical" for target in kind.get("targetProfile", ())]
    names = tuple(str(target).removeprefix(BASE) for target in targets)
    return () if "Resource" in names or not all(name in definitions.schema for name in names) else names

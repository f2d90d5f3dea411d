"""Code tables: FHIR ConceptMaps, compiled to one look-up for each (https://hl7.org/fhir/R4/conceptmap.html).

Every group whose source has the code gives its targets, in the order of the groups. `unmatched` and `disjoint` targets are not targets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.mapping.source import MapError
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_resource

NO_MATCH = ("unmatched", "disjoint")


@dataclass(frozen=True, slots=True)
class CodeTable:
    """`codings(code)`: Coding elements; empty where the table has no such code."""

    name: str
    targets: dict[str, tuple[dict[str, str], ...]]
    otherwise: tuple[dict[str, Any], ...] = ()

    def codings(self, code: str) -> tuple[dict[str, str], ...]:
        found = self.targets.get(code)
        return found if found is not None else self._unmapped(code)

    def source(self, code: str) -> str | None:
        """The first code that becomes this one: the table the other way round."""
        return next((one for one, codings in self.targets.items() if any(coding["code"] == code for coding in codings)), None)

    def knows(self, code: str) -> bool:
        """Whether the table speaks of the code, be it to say that it has no match."""
        return code in self.targets or bool(self.otherwise)

    def _unmapped(self, code: str) -> tuple[dict[str, str], ...]:
        return tuple({**one, "code": one.get("code", code)} for one in self.otherwise)


def load_concept_map(file: Path) -> CodeTable:
    """A ConceptMap file, by whose name its table is called; MapError where it is none."""
    try:
        resource = decode_resource(file.read_bytes())
    except (OSError, FhirError) as error:
        raise MapError(file, None, f"is not a ConceptMap: {error}") from None
    if resource["resourceType"] != "ConceptMap":
        raise MapError(file, None, f"is a {resource['resourceType']}, not a ConceptMap")
    return replace(compile_concept_map(resource), name=file.stem)


def compile_concept_map(resource: dict[str, Any]) -> CodeTable:
    targets: dict[str, list[dict[str, str]]] = {}
    otherwise = []
    for group in resource.get("group", []):
        for element in group.get("element", []):
            targets.setdefault(element["code"], []).extend(_codings(group, element))
        otherwise += _otherwise(group)
    frozen = {code: tuple(codings) for code, codings in targets.items()}
    return CodeTable(resource.get("name") or resource.get("id", "?"), frozen, tuple(otherwise))


def _codings(group: dict[str, Any], element: dict[str, Any]) -> list[dict[str, str]]:
    matches = (one for one in element.get("target", []) if one.get("equivalence") not in NO_MATCH and "code" in one)
    return [_coding(group.get("target"), one) for one in matches]


def _coding(system: str | None, target: dict[str, Any]) -> dict[str, str]:
    coding = {"system": system, "code": target["code"], "display": target.get("display")}
    return {key: value for key, value in coding.items() if value}


def _otherwise(group: dict[str, Any]) -> list[dict[str, Any]]:
    """group.unmapped: `provided` keeps the code in the source's system, `fixed` gives one code for all."""
    unmapped = group.get("unmapped", {})
    if unmapped.get("mode") == "provided":
        return [{"system": group["source"]}]
    if unmapped.get("mode") == "fixed":
        return [_coding(group.get("target"), unmapped)]
    return []

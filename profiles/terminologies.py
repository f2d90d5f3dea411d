"""The tables of docs/terminologies.md, made of the package: what `make profiles` writes below the page's own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "terminologies.md"
OWN = "https://passerelle.care/fhir/"
BELOW = "<!-- Below: made by `make profiles`. -->\n"


def write_tables(package: Path, page: Path = PAGE) -> None:
    page.write_text(with_tables(page.read_text(encoding="utf-8"), package), encoding="utf-8")


def with_tables(text: str, package: Path) -> str:
    """The page with the tables that `package` gives; the words above the mark stay."""
    words = text.split(BELOW)[0]
    tables = (_systems(_kind(package, "CodeSystem")), _value_sets(_kind(package, "ValueSet")), _maps(_kind(package, "ConceptMap")))
    return words + BELOW + "".join("\n" + table for table in tables)


def _kind(package: Path, name: str) -> list[dict[str, Any]]:
    resources = [json.loads(path.read_bytes()) for path in package.glob(f"{name}-*.json")]
    return sorted(resources, key=lambda one: (one["url"].startswith(OWN), one["url"]))


def _systems(systems: list[dict[str, Any]]) -> str:
    rows = [(one["title"], one["url"], one["version"], _codes(one), _source(one)) for one in systems]
    return _table("Code systems", ("system", "URL", "version", "codes", "source"), rows)


def _codes(system: dict[str, Any]) -> str:
    """`38 of 75`: what is here of what the source has; the number alone where the source does not say how many."""
    here, whole = _concepts(system), system.get("count")
    if system["content"] in ("not-present", "fragment") and not here:
        return "not listed"
    return f"{here} of {whole}" if system["content"] == "fragment" and whole else str(here)


def _concepts(part: dict[str, Any]) -> int:
    return sum(1 + _concepts(one) for one in part.get("concept", ()))


def _value_sets(value_sets: list[dict[str, Any]]) -> str:
    rows = [(one["title"], one["url"], one["version"], _source(one)) for one in value_sets]
    return _table("Value sets", ("value set", "URL", "version", "source"), rows)


def _maps(maps: list[dict[str, Any]]) -> str:
    rows = [(one["title"], one["url"], one["version"], str(sum(len(group["element"]) for group in one["group"]))) for one in maps]
    return _table("Concept maps", ("map", "URL", "version", "codes"), rows)


def _source(resource: dict[str, Any]) -> str:
    return str(resource.get("copyright", "our own" if resource["url"].startswith(OWN) else "")).removeprefix("Codes et libellés : ")


def _table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return f"## {title}\n" + "".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |\n" for line in lines)

"""The five stories of the guide (`profiles/stories`), each a transaction of a whole pathway."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_resource


def story_names() -> list[str]:
    """What `passerelle demo load --story` takes."""
    return sorted(path.stem for path in _folder().glob("*.json"))


def story(name: str) -> Resource:
    """The transaction that stores it; doing so twice changes nothing. Raises FhirError where there is no story of this name."""
    if name not in story_names():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no story '{name}'. Take one of {', '.join(story_names())}.")
    return decode_resource((_folder() / f"{name}.json").read_bytes())


def to_try(transaction: Resource, server: str, fhir_base: str | None = None) -> str:
    """Whom the story is about and commands that read it; `server` is such as http://127.0.0.1:8080."""
    patient = next(entry["resource"] for entry in transaction["entry"] if entry["resource"]["resourceType"] == "Patient")
    text = (files("fhir_server.demo") / "story.txt").read_text(encoding="utf-8")
    return text.format(fhir=fhir_base or f"{server}/fhir", ins=patient["identifier"][0]["value"], id=patient["id"])


def _folder() -> Path:
    """`profiles/stories` of the source tree, or the copy inside the installed package."""
    installed = Path(__file__).parent / "guide"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "profiles" / "stories"

"""Extraction in few words: known ids, a known moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from fhir_server.model.schema import Schema
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.extract import Extracted, extracted
from tests.questionnaires.forms import CORE

Resource = dict[str, Any]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def numbered() -> Callable[[], UUID]:
    """Ids that count from 1."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def url(number: int) -> str:
    """The fullUrl of the nth id that was made."""
    return f"urn:uuid:{UUID(int=number)}"


def base_type(canonical: str) -> Resource | None:
    """A base type of R4, as far as extraction asks."""
    url, _, _ = canonical.partition("|")
    return {"url": url, "type": url.removeprefix(CORE), "snapshot": {"element": [{}]}} if url.startswith(CORE) else None


def extracted_from(
    form: Resource, answer: Resource, schema: Schema, resolve: Callable[[str], Resource | None] = base_type, *,
    stored_as: str | None = None, **more: Any,
) -> Extracted:  # fmt: skip
    return extracted(Environment(paired(form, answer), schema, now=NOW, **more), resolve, numbered(), stored_as)


def entries_of(form: Resource, answer: Resource, schema: Schema, **more: Any) -> list[Resource]:
    """The entries of the transaction."""
    bundle = extracted_from(form, answer, schema, **more).bundle
    return list(bundle["entry"]) if bundle else []


def resources_of(form: Resource, answer: Resource, schema: Schema, **more: Any) -> list[Resource]:
    """The resources that were extracted."""
    return [entry["resource"] for entry in entries_of(form, answer, schema, **more)]

"""Profiles made in a test: a few rows of a differential, stored beside R4 core."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.json_format import encode_json
from fhir_server.validation.validator import Validator

CORE = "http://hl7.org/fhir/StructureDefinition/"
MINE = "http://example.org/StructureDefinition/"

Rows = list[dict[str, Any]]
MakeValidator = Callable[[Iterable[dict[str, Any]]], Validator]


def profile(type_name: str, rows: Rows, name: str = "p", **content: Any) -> dict[str, Any]:
    """A profile on a base type with these rows; their ids begin below the type (`name:official.use`)."""
    elements = [_row(type_name, dict(row)) for row in rows]
    kind = "resource" if type_name not in ("Extension", "Address", "Coding", "Quantity", "HumanName") else "complex-type"
    return {
        "resourceType": "StructureDefinition", "id": name, "url": MINE + name, "name": name, "status": "active", "kind": kind,
        "abstract": False, "type": type_name, "baseDefinition": CORE + type_name, "derivation": "constraint",
        "differential": {"element": elements}, **content,
    }  # fmt: skip


def _row(type_name: str, row: dict[str, Any]) -> dict[str, Any]:
    id_ = f"{type_name}.{row['id']}" if row["id"] else type_name
    path = ".".join(part.partition(":")[0] for part in id_.split("."))
    named = {"sliceName": id_.rpartition(":")[2]} if ":" in id_.rpartition(".")[2] else {}
    return {**row, "id": id_, "path": path, **named}


def sliced(path: str, *discriminators: tuple[str, str], rules: str = "open", ordered: bool = False) -> dict[str, Any]:
    """The row that says by what an element is sliced."""
    listed = [{"type": kind, "path": where} for kind, where in discriminators]
    return {"id": path, "slicing": {"discriminator": listed, "rules": rules, "ordered": ordered}}


@pytest.fixture(scope="module")
def with_definitions(definitions: Definitions) -> MakeValidator:
    """A validator that knows some resources beside R4 core."""

    def made(resources: Iterable[dict[str, Any]]) -> Validator:
        stored = StoredConformance()
        for number, resource in enumerate(resources, 1):
            stored.put(resource["resourceType"], str(number), number, encode_json(resource))
        made_of = Definitions(definitions.packages, stored)
        made_of.schema = definitions.schema  # the same types, read once
        return Validator(made_of)

    return made

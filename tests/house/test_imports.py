"""The import rules of docs/architecture.md, read from its own table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
JOINING = {"fhir_server.app", "fhir_server.cli", "fhir_server.commands", "fhir_server.__main__"}
"""The only places of the server that may know the adapters."""
FOR_ADAPTERS = "fhir_server.model"


def rooms() -> list[str]:
    """The rooms of the table, in order: a room knows only those above it."""
    rows = re.findall(r"^\| `fhir_server\.(\w+)` \|", (TOP / "docs" / "architecture.md").read_text(), re.MULTILINE)
    assert len(rows) > 8, "the table of docs/architecture.md could not be read"
    return rows


def modules(package: str) -> list[Path]:
    return sorted((TOP / package).rglob("*.py"))


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in a file, those within functions and under TYPE_CHECKING too; `from a import b` gives a.b."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(file, node)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _absolute(file: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parent = ".".join(file.relative_to(TOP).parent.parts[: len(file.relative_to(TOP).parent.parts) - node.level + 1])
    return f"{parent}.{node.module}" if node.module else parent


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def room_of(file: Path) -> str | None:
    """The room that a file of fhir_server is in; None for the modules at its top, where the parts are put together."""
    parts = file.relative_to(TOP / "fhir_server").parts
    return parts[0] if len(parts) > 1 and parts[0] != "commands" else None


def upward(file: Path, order: list[str]) -> Iterator[str]:
    """Imports of a room that point at a room below it, or at the modules where the parts are put together."""
    room = room_of(file)
    if room is None:
        return
    allowed = order[: order.index(room) + 1]
    for line, module in imported(file):
        if within(module, "fhir_server") and module.split(".")[1:2] not in [[name] for name in allowed]:
            yield f"{file.relative_to(TOP)}:{line} imports {module}"


def test_every_room_has_a_row_in_the_table():
    found = {room for file in modules("fhir_server") if (room := room_of(file))}
    assert found <= set(rooms()), f"add to the table of docs/architecture.md: {sorted(found - set(rooms()))}"


def test_a_room_imports_only_from_the_rooms_above_it():
    order = rooms()
    wrong = [text for file in modules("fhir_server") if room_of(file) in order for text in upward(file, order)]
    assert not wrong, "\n".join(wrong)


def test_adapters_know_only_the_model_of_the_server():
    wrong = [
        f"{file.relative_to(TOP)}:{line} imports {module}"
        for file in modules("adapters")
        for line, module in imported(file)
        if within(module, "fhir_server") and not within(module, FOR_ADAPTERS)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_server_knows_the_adapters_only_where_the_parts_are_put_together():
    wrong = [
        f"{file.relative_to(TOP)}:{line} imports {module}"
        for file in modules("fhir_server")
        if not any(within(_dotted(file), place) for place in JOINING)
        for line, module in imported(file)
        if within(module, "adapters")
    ]
    assert not wrong, "\n".join(wrong)


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(TOP).with_suffix("").parts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import fhir_server.rest.body", True),
        ("from fhir_server import app", True),
        ("from fhir_server.rest import body", True),
        ("def f():\n    from fhir_server.rest.body import read", True),
        ("from ..rest import body", True),
        ("from fhir_server.model.issue import Issue", False),
        ("from ..model import issue", False),
        ("import httpx", False),
    ],
)
def test_the_check_finds_an_upward_import_however_it_is_written(tmp_path, monkeypatch, source, expected):
    monkeypatch.setattr("test_imports.TOP", tmp_path)
    file = tmp_path / "fhir_server" / "search" / "made.py"
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert bool(list(upward(file, ["model", "search", "rest"]))) is expected

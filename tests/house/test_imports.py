"""The import rules of docs/architecture.md, read from its own table."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
JOINED = ("app", "hospital", "delivery", "destinations", "partners", "rest_hook", "hook_endpoint", "subscribed_destinations", "commands")
JOINING = {f"fhir_server.{name}" for name in JOINED}
"""The only places of the server that may know the adapters."""
FOR_ADAPTERS = ("fhir_server.model", "fhir_server.identifiers")
"""Rooms of values and rules without I/O, of which the second knows only the first."""


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


def room_of(file: Path) -> str:
    """The folder of fhir_server that a file is in, or the module at its top; `joins` tells those where the parts are put together."""
    return file.relative_to(TOP / "fhir_server").parts[0].removesuffix(".py")


def joins(file: Path, order: list[str]) -> bool:
    """True for commands/ and for the modules at the top of fhir_server that the table does not name as rooms."""
    at_top = file.parent == TOP / "fhir_server" and room_of(file) not in order
    return at_top or room_of(file) == "commands"


def upward(file: Path, order: list[str]) -> Iterator[str]:
    """Imports of a room that point at a room below it, or at the modules where the parts are put together."""
    allowed = order[: order.index(room_of(file)) + 1]
    for line, module in imported(file):
        if within(module, "fhir_server") and module.split(".")[1:2] not in [[name] for name in allowed]:
            yield f"{file.relative_to(TOP)}:{line} imports {module}"


def test_every_room_has_a_row_in_the_table():
    order = rooms()
    missing = {room_of(file) for file in modules("fhir_server") if not joins(file, order)} - set(order)
    assert not missing, f"add to the table of docs/architecture.md: {sorted(missing)}"


def test_a_room_imports_only_from_the_rooms_above_it():
    order = rooms()
    wrong = [text for file in modules("fhir_server") if room_of(file) in order for text in upward(file, order)]
    assert not wrong, "\n".join(wrong)


def test_adapters_know_only_the_model_and_the_identifiers_of_the_server():
    wrong = [
        f"{file.relative_to(TOP)}:{line} imports {module}"
        for file in modules("adapters")
        for line, module in imported(file)
        if within(module, "fhir_server") and not any(within(module, room) for room in FOR_ADAPTERS)
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


def test_every_package_imported_is_a_declared_dependency():
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^A-Za-z0-9._-]", row)[0].lower().replace("-", "_") for row in project["dependencies"]}
    known = {IMPORTED_AS.get(name, name) for name in declared} | sys.stdlib_module_names | {"fhir_server", "adapters"}
    wrong = [
        f"{file.relative_to(TOP)}:{line} imports {module}"
        for file in [*modules("fhir_server"), *modules("adapters")]
        for line, module in imported(file)
        if module.split(".")[0] not in known
    ]
    assert not wrong, "add to [project] dependencies in pyproject.toml, then `make lock`:\n" + "\n".join(wrong)


IMPORTED_AS = {"fhir.resources": "fhir", "graphql_core": "graphql", "markdown_it_py": "markdown_it", "ruamel.yaml": "ruamel"}

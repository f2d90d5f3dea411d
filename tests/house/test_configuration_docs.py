"""docs/configuration.md lists every setting as it is; `passerelle config check` and `serve` know them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fhir_server.cli import COMMANDS
from fhir_server.settings import NOT_SETTINGS, PREFIX, Settings

TOP = Path(__file__).parents[2]
DOCUMENTS = [*sorted(TOP.glob("*.md")), *sorted(TOP.glob("docs/**/*.md"))]


def default(name: str) -> str:
    field = Settings.model_fields[name]
    value = field.default
    if name in ("data", "database"):
        return "see right"
    if field.default_factory is not None or value in ((), None):
        return "none"
    if isinstance(value, tuple):
        return "`" + ", ".join(value) + "`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def row(name: str) -> str:
    description = " ".join((Settings.model_fields[name].description or "").split())
    return f"| `{name}` | {default(name)} | {description} |"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_is_described_in_the_code_and_has_the_same_row_in_the_docs(name):
    assert Settings.model_fields[name].description, f"write below the field {name} what it is for"
    rows = (TOP / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()
    assert row(name) in rows, f"docs/configuration.md lacks the row\n{row(name)}"


def test_the_docs_list_no_setting_that_is_not_there():
    listed = re.findall(r"^\| `(\w+)` \|", (TOP / "docs" / "configuration.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(Settings.model_fields)


@pytest.mark.parametrize("file", [*DOCUMENTS, TOP / "docker-compose.yml", TOP / "Dockerfile"], ids=lambda file: file.name)
def test_documents_name_no_variable_that_is_not_a_setting(file):
    named = set(re.findall(PREFIX + r"[A-Z_]*[A-Z]", file.read_text(encoding="utf-8")))
    known = {PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    assert named <= known


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_links_between_documents_lead_somewhere(file):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (file.parent / target).exists()]
    assert not missing


def test_the_index_leads_to_every_guide():
    index = (TOP / "docs" / "index.md").read_text(encoding="utf-8")
    missing = [file.name for file in (TOP / "docs").glob("*.md") if file.name != "index.md" and f"({file.name})" not in index]
    assert not missing


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_documents_call_no_command_that_does_not_exist(file):
    called = set(re.findall(r"(?:^ {4}|`|/)passerelle ([a-z]+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    assert called <= set(COMMANDS)

"""docs/validation.md: its Python runs as it stands there, and its table names every option of the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fhir_server.commands.validate import Format

DOCUMENT = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")


def test_the_example_in_python_finds_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    exec(compile(code, "docs/validation.md", "exec"), {})
    assert "Patient.gender binding-required The code 'femme'" in capsys.readouterr().out


def test_every_format_has_its_row() -> None:
    assert set(re.findall(r"^\| `--format (\w+)`", DOCUMENT, re.MULTILINE)) == {one.value for one in Format}

"""The committed package is what its sources give, and every server has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from tests.interop.peer_client import node_absent

ROOT = Path(__file__).parents[2]
GUIDE = "https://passerelle.care/fhir/StructureDefinition/"


def text_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(node_absent() is not None and "PASSERELLE_SUSHI" not in os.environ, reason=str(node_absent()))
def test_the_committed_package_is_what_the_sources_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "profiles"), *sys.path])
    import build

    build.build(tmp_path, tmp_path / "package")
    assert text_of(tmp_path / "package") == text_of(ROOT / "profiles" / "package"), "run `make profiles` and commit profiles/package"


def test_every_server_has_the_guide() -> None:
    definitions = load_definitions()
    assert definitions.resolve(GUIDE + "passerelle-patient") is not None
    assert len(list(guide_folder().glob("StructureDefinition-*.json"))) == len(definitions.packages[1].urls("StructureDefinition"))

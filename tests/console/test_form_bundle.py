"""static/form.js is what its sources give: the sum of the sources stands in it, and where they can be built the bytes are the same."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "fhir_server" / "console"
FORM, STATIC = CONSOLE / "form", CONSOLE / "static"
BUILD = Path(__file__).parents[2] / "build" / "form"


def sum_of_sources() -> str:
    """As `sum` of build.mjs."""
    tables = [path.name for path in FORM.iterdir() if path.suffix in (".mjs", ".json")]
    files = sorted([*tables, *(f"src/{path.name}" for path in (FORM / "src").iterdir())])
    found = hashlib.sha256()
    for name in files:
        found.update(f"{name}\n".encode() + (FORM / name).read_bytes())
    return found.hexdigest()


def test_the_bundle_was_made_of_these_sources() -> None:
    banner = (STATIC / "form.js").read_text(encoding="utf-8").partition("*/")[0]
    assert f"sources: {sum_of_sources()}" in banner, "run: make form"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node") or not (BUILD / "node_modules").is_dir(), reason="make form was not run here")
def test_building_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("src", "build.mjs", "licences.mjs", "renderer.mjs"):
        assert _differences(FORM / name, BUILD / name) == [], "run: make form"
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=BUILD, check=True, capture_output=True)
    for name in ("form.js", "form-licences.txt"):
        assert (tmp_path / name).read_bytes() == (STATIC / name).read_bytes(), name


def _differences(one: Path, other: Path) -> list[str]:
    files = [path.relative_to(one) for path in one.rglob("*")] if one.is_dir() else [Path()]
    return [str(one / path) for path in files if (one / path).read_bytes() != (other / path).read_bytes()]


def test_everything_in_it_is_under_a_permissive_licence() -> None:
    text = (STATIC / "form-licences.txt").read_text(encoding="utf-8")
    licences = re.findall(r"^={100}\n(\S+) \S+: ([^,\n]+)", text, re.MULTILINE)
    assert len(licences) > 100
    own = {"fhirpath", "@lhncbc/ucum-lhc"}
    """Licences of the US National Library of Medicine, whose words are in the file: use and redistribution with their notices."""
    permissive = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "WTFPL OR ISC"}
    assert {(name, licence) for name, licence in licences if name not in own and licence not in permissive} == set()
    assert not re.search(r"GNU (AFFERO )?GENERAL PUBLIC LICENSE", text, re.IGNORECASE)


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((FORM / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, one in lock["packages"].items() if "resolved" in one]


def test_it_stays_below_a_size() -> None:
    assert (STATIC / "form.js").stat().st_size < 2_700_000


def test_every_sentence_of_the_renderer_is_said_in_french_with_the_same_places_to_fill() -> None:
    french = json.loads((FORM / "renderers_texts.json").read_text(encoding="utf-8"))
    assert [key for key, value in french.items() if key.count("{}") != value.count("{}") or not value.strip()] == []

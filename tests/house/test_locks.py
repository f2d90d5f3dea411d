"""The locked dependencies: whole, pinned with their sums, from anywhere, under licences that fit."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

TOP = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
FORBIDDEN = re.compile(r"\bA?GPL\b|GNU (Affero )?General Public", re.IGNORECASE)
NOT_FORBIDDEN = re.compile(r"LGPL|Lesser General", re.IGNORECASE)


def locked(name: str) -> dict[str, Requirement]:
    text = (TOP / name).read_text(encoding="utf-8")
    rows = (Requirement(row.rstrip(" \\")) for row in re.findall(r"^[A-Za-z0-9][^\n]*", text, re.MULTILINE))
    return {row.name.lower(): row for row in rows}


def wanted(group: str) -> list[Requirement]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    rows = project["project"]["dependencies"] + (project["dependency-groups"]["dev"] if group == "requirements-dev.lock" else [])
    return [Requirement(row) for row in rows]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_of_pyproject_is_locked_at_a_version_it_allows(lock):
    found = locked(lock)
    for requirement in wanted(lock):
        (pin,) = found[requirement.name.lower().replace(".", "-").replace("_", "-")].specifier
        assert pin.version in requirement.specifier, requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_every_row_is_pinned_and_has_sums(lock):
    text = (TOP / lock).read_text(encoding="utf-8")
    rows = re.findall(r"^[A-Za-z0-9][^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}[ \\]*\n)+", text, re.MULTILINE)
    assert len(rows) == len(locked(lock))
    assert all(requirement.specifier and str(requirement.specifier).startswith("==") for requirement in locked(lock).values())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_folder(lock):
    text = (TOP / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|--index|--extra-index|--find-links|--trusted-host|file:|^-e ", text, re.MULTILINE)


def test_both_locks_agree():
    plain, development = (locked(name) for name in LOCKS)
    assert {name: row.specifier for name, row in plain.items()} == {name: development[name].specifier for name in plain}


@pytest.mark.parametrize("name", sorted(locked("requirements-dev.lock")))
def test_no_dependency_is_under_the_gpl_or_agpl(name):
    marker: Marker | None = locked("requirements-dev.lock")[name].marker
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        assert marker is not None, f"{name} is locked for this platform, but not installed: make install"
        pytest.skip(f"{name} is for another platform ({marker})")
    metadata = installed.metadata
    licence = [metadata.get("License-Expression") or metadata.get("License") or ""]
    licence += [row for row in metadata.get_all("Classifier") or () if row.startswith("License ::")]
    texts = [installed.read_text(f"licenses/{file}") or "" for file in metadata.get_all("License-File") or ()]
    licence += [text.strip().partition("\n")[0] for text in texts]  # the title, where the metadata says nothing else
    assert any(licence), f"{name} says nothing of its licence"
    assert not [row for row in licence if FORBIDDEN.search(NOT_FORBIDDEN.sub("", row))]


@pytest.mark.parametrize(
    ("licence", "forbidden"),
    [("GPL-3.0-only", True), ("AGPL-3.0", True), ("GNU General Public License v3", True), ("LGPL-3.0", False), ("MIT", False)],
)
def test_the_check_tells_the_gpl_from_others(licence, forbidden):
    assert bool(FORBIDDEN.search(NOT_FORBIDDEN.sub("", licence))) is forbidden

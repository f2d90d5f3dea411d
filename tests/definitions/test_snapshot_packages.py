"""Every profile of the guides at hand, made anew from its differential, equals the snapshot it was published with.

Compared element by element: path, cardinality, types with their profiles and targets, binding, fixed and pattern values, constraint
keys, mustSupport, slicing. Not compared: versions behind `|` (the IG Publisher pins them), and whether an element that no row constrains
is unfolded (SUSHI and the IG Publisher decide differently). What else differs is in snapshot_differences.json, with the reason.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, Definitions, load_definitions
from fhir_server.definitions.element_tree import Step, located
from fhir_server.definitions.package_list import Closure, PackageId
from fhir_server.definitions.snapshot import generate_snapshot

pytestmark = pytest.mark.conformance

FLOOR = 1290
"""Profiles of 1,343 that come out equal."""

DIFFERENCES = Path(__file__).parent / "snapshot_differences.json"

Row = dict[str, Any]
Steps = tuple[Step, ...]
Load = Callable[[PackageId], tuple[Definitions, Closure]]


@pytest.fixture(scope="module")
def installed(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[PackageCache, list[PackageId]]:
    """A cache with every package of the folder, and R4 core as the machine has it."""
    cache = PackageCache(tmp_path_factory.mktemp("packages"))
    found = [cache.install(archive) for archive in sorted((test_data / "fhir-packages").glob("*.tgz"))]
    core = "#".join(CORE)
    (cache.root / core).symlink_to(PackageCache().root / core)
    return cache, [PackageId(one.name, one.version) for one in found]


@pytest.fixture(scope="module")
def load(installed: tuple[PackageCache, list[PackageId]]) -> Load:
    def loaded(package: PackageId) -> tuple[Definitions, Closure]:
        closure = Closure([package], installed[0])
        packages = [(one.name, one.version) for one in closure.packages]
        return load_definitions(packages, cache=installed[0], stand_ins=closure.stand_ins), closure

    return loaded


def test_every_package_loads_with_all_it_depends_on_in_its_own_or_another_version(installed, load: Load) -> None:
    for package in installed[1]:
        definitions, closure = load(package)
        assert closure.missing == []
        assert closure.packages[-1] == package
        names = [str(one.manifest) for one in definitions.packages]
        assert names[0] == "#".join(CORE)
        assert names[-1] == f"{package.name}#{package.version}"
        definitions.close()


def test_substitutes_are_told(installed, load: Load) -> None:
    _, closure = load(PackageId("hl7.fhir.fr.core", "2.1.0"))
    stands_in = {text.partition("; ")[2].removesuffix(" is used in its place.") for text in closure.substituted}
    assert sorted(stands_in) == ["ans.fr.nos@1.3.0-partial", "hl7.fhir.uv.extensions.r4@5.3.0", "hl7.terminology.r4@7.3.0-utg"]


def test_a_package_that_stands_in_answers_for_the_version_that_is_asked_for(installed, load: Load) -> None:
    definitions, _ = load(PackageId("hl7.fhir.fr.core", "2.2.0"))
    found = definitions.resolve("http://hl7.org/fhir/StructureDefinition/organization-period|5.2.0")
    assert found is not None
    assert found["version"] == "5.3.0"
    assert definitions.resolve("http://hl7.org/fhir/StructureDefinition/Patient|5.2.0") is None
    definitions.close()


def test_snapshots_made_anew_equal_the_published_ones(installed, load: Load) -> None:
    understood = _understood()
    equal, unexplained = 0, []
    for package in installed[1]:
        definitions, _ = load(package)
        for profile in definitions.packages[-1].all("StructureDefinition"):
            about = set(differences(profile, definitions))
            equal += not about
            if about - understood[str(package), profile["id"]]:
                unexplained.append(f"{package} {profile['id']}: {sorted(about)}")
        definitions.close()
    assert not unexplained
    assert equal >= FLOOR


def test_every_understood_difference_has_a_reason() -> None:
    assert all(len(row["reason"]) > 20 and row["profiles"] and row["about"] for row in _rows())


def _understood() -> dict[tuple[str, str], set[str]]:
    """What may differ, by package and profile."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _rows():
        for id_ in row["profiles"]:
            found[row["package"], id_] |= set(row["about"])
    return found


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(DIFFERENCES.read_text(encoding="utf-8"))
    return rows


def differences(profile: Row, definitions: Definitions) -> Iterator[str]:
    """What a profile's own snapshot and the one made from its differential disagree about."""
    made = generate_snapshot({**profile, "snapshot": {}}, definitions.resolve)
    if made.issues:
        yield "issues"
    if made.fatal:
        return
    published = {tuple(steps): row for steps, row in located(profile["snapshot"]["element"])}
    ours = {tuple(steps): row for steps, row in located(made.elements)}
    if any(_is_absent(steps, ours) for steps in published) or any(_is_absent(steps, published) for steps in ours):
        yield "elements"
    both = [steps for steps in published if steps in ours]
    if both != [steps for steps in ours if steps in published]:
        yield "order"
    for name, aspect in ASPECTS.items():
        if any(aspect(published[steps]) != aspect(ours[steps]) for steps in both):
            yield name


def _is_absent(steps: Steps, others: dict[Steps, Row]) -> bool:
    """Not there although its parent is there with children: more than a matter of unfolding."""
    return steps not in others and any(one[:-1] == steps[:-1] and len(one) > 1 for one in others)


def _unpinned(canonical: Any) -> Any:
    return canonical.partition("|")[0] if isinstance(canonical, str) else canonical


def _types(row: Row) -> list[Any]:
    return sorted(
        [one.get("code"), sorted(map(_unpinned, one.get("profile", ()))), sorted(map(_unpinned, one.get("targetProfile", ())))]
        for one in row.get("type", ())
    )


def _slicing(row: Row) -> Any:
    slicing = row.get("slicing", {})
    return slicing.get("discriminator"), slicing.get("rules")


ASPECTS: dict[str, Callable[[Row], Any]] = {
    "path": lambda row: row["path"],
    "min": lambda row: row.get("min"),
    "max": lambda row: row.get("max"),
    "types": _types,
    "content reference": lambda row: str(row.get("contentReference", "")).rpartition("#")[2],
    "binding": lambda row: (row.get("binding", {}).get("strength"), _unpinned(row.get("binding", {}).get("valueSet"))),
    "values": lambda row: {key: _unpinned(value) for key, value in row.items() if key.startswith(("fixed", "pattern"))},
    "constraints": lambda row: {one["key"] for one in row.get("constraint", ())},
    "mustSupport": lambda row: row.get("mustSupport", False),
    "slice name": lambda row: row.get("sliceName"),
    "slicing": _slicing,
}

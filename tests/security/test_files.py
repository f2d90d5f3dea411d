"""What packages, imports and settings may lead to on the disk, and how much of it."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions import package
from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.package import files_of_archive, manifest_of
from fhir_server.model.issue import Category, FhirError
from fhir_server.transfer import source
from fhir_server.transfer.source import documents


def archive(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as written:
        for member, content in members:
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
    return path


def member(name: str, content: bytes = b"{}", kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, content if kind == tarfile.REGTYPE else b""


def manifest(**values: Any) -> tuple[tarfile.TarInfo, bytes]:
    return member("package/package.json", json.dumps({"name": "a", "version": "1"} | values).encode())


ELSEWHERE = ["../evil", "a/../../evil", "/tmp/evil", "..", ".evil", "a/b", "a\\b", "a\0b", "", "~/evil", "C:evil"]


@pytest.mark.parametrize(
    ("part", "name"),
    [*((part, name) for part in ("name", "version") for name in [*ELSEWHERE, 5, None]), *(("dependencies", name) for name in ELSEWHERE)],
)
def test_a_package_whose_name_leads_elsewhere_is_not_installed(tmp_path, part, name):
    values = {"dependencies": {name: "1"}} if part == "dependencies" else {part: name}
    outside = tmp_path / "evil#1"
    outside.mkdir()
    with pytest.raises(FhirError):
        PackageCache(tmp_path / "cache" / "packages").install(archive(tmp_path, manifest(**values)))
    assert outside.is_dir()
    assert {path.name for path in tmp_path.iterdir()} <= {"cache", "evil#1", "package.tgz"}
    assert list((tmp_path / "cache").rglob("*.json")) == []


@pytest.mark.parametrize("version", ["../1", "*", "1/../../x", "[ab]", 5])
def test_a_dependency_whose_version_leads_elsewhere_is_refused(version):
    with pytest.raises(FhirError):
        manifest_of(json.dumps({"name": "a", "version": "1", "dependencies": {"b": version}}).encode())


@pytest.mark.parametrize("version", ["4.0.1", "4.0.x", "^1.0.0", "~1.2", ">=1.0 <2.0", "latest", "current", "1.0.0-ballot+x", "1.x || 2.x"])
def test_a_dependency_may_be_a_range(version):
    assert manifest_of(json.dumps({"name": "a", "version": "1", "dependencies": {"b": version}}).encode()).dependencies == {"b": version}


@pytest.mark.parametrize(
    "evil",
    [
        member("package/../../evil"), member("../evil"), member("/tmp/evil"), member("package/a\\..\\evil"), member("package/a\nb"),
        member("package/link", kind=tarfile.SYMTYPE, link="/etc/passwd"), member("package/link", kind=tarfile.LNKTYPE, link="../../evil"),
    ],
    ids=["climbs", "climbs at once", "absolute", "climbs on Windows", "line end", "symbolic link", "hard link"],
)  # fmt: skip
def test_an_archive_that_writes_elsewhere_is_refused_and_leaves_nothing(tmp_path, evil):
    cache = PackageCache(tmp_path / "cache")
    with pytest.raises(FhirError) as refused:
        cache.install(archive(tmp_path, manifest(), evil))
    assert refused.value.category is Category.INVALID
    assert [path.name for path in tmp_path.rglob("*")] == ["package.tgz", "cache"] or not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_passed_over(tmp_path, kind):
    assert [name for name, _ in files_of_archive(archive(tmp_path, manifest(), member("package/x", kind=kind)))] == ["package.json"]


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILE_BYTES", 30_000), ("MAX_TOTAL_BYTES", 70_000), ("MAX_MEMBERS", 3)])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(package, limit, value)
    many = [member(f"package/{number}.json", b" " * 25_000) for number in range(4)]
    many += [member("package/large.json", b" " * 50_000)]
    with pytest.raises(FhirError) as refused:
        list(files_of_archive(archive(tmp_path, manifest(), *many)))
    assert refused.value.category is Category.TOO_LARGE


def test_an_archive_whose_header_promises_a_name_of_gigabytes_is_refused_before_it_is_read(tmp_path):
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 2**33
    path = tmp_path / "package.tgz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"0" * 10_000))
    with pytest.raises(FhirError) as refused:
        list(files_of_archive(path))
    assert refused.value.category is Category.TOO_LARGE


def test_a_line_without_end_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_BYTES", 1000)
    (tmp_path / "bomb.ndjson.gz").write_bytes(gzip.compress(b" " * 20_000_000))
    tracemalloc.start()
    with pytest.raises(FhirError) as refused:
        list(documents(str(tmp_path / "bomb.ndjson.gz"), ()))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.category is Category.TOO_LARGE
    assert held < 10_000_000

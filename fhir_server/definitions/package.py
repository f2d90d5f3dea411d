"""One FHIR package: a .tgz or an extracted folder (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""

from __future__ import annotations

import hashlib
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from fhir_server.definitions.bounded_stream import unpacked
from fhir_server.model.issue import Category, fault

MAX_FILE_BYTES = 64 * 2**20
MAX_TOTAL_BYTES = 2 * 2**30
MAX_MEMBERS = 200_000
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)
"""What a package may be called. Folders are named after it, so it holds no slash and does not begin with a dot."""

VERSION = re.compile(r"[a-z0-9][a-z0-9.+-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """package.json: name, version and dependencies (`{"hl7.fhir.r4.core": "4.0.1"}`)."""

    name: str
    version: str
    dependencies: dict[str, str] = field(default_factory=dict)
    canonical: str | None = None

    def __str__(self) -> str:
        return f"{self.name}#{self.version}"


_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f:]")
_UNSAFE_VERSION = re.compile(r"[/\\\x00-\x1f\x7f*?\[]|\.\.")
"""Of a dependency, whose version may be a range."""


def files_of_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name below `package/`, content) of the regular files of a .tgz; links and paths that climb are refused."""
    total = 0
    try:
        with unpacked(path, MAX_FILE_BYTES, MAX_TOTAL_BYTES) as content, tarfile.open(fileobj=content, mode="r:") as archive:
            for number, member in enumerate(archive):
                total += member.size
                if (name := _safe_name(member, total, number)) and (stream := archive.extractfile(member)):
                    yield name, stream.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise fault(Category.MALFORMED, "structure", f"{path} is not a readable package archive (.tgz): {reason}.") from None


def _safe_name(member: tarfile.TarInfo, total: int, number: int) -> str | None:
    parts = PurePosixPath(member.name).parts
    if member.issym() or member.islnk() or ".." in parts or member.name.startswith("/") or _UNSAFE.search(member.name):
        raise fault(Category.INVALID, "security", f"The archive holds a link or a path outside itself: {member.name!r}. It was not read.")
    if member.size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES or number >= MAX_MEMBERS:
        raise fault(Category.TOO_LARGE, "too-costly", f"The archive unpacks to more than is allowed at {member.name!r}.")
    if not member.isfile() or len(parts) < 2 or parts[0] != "package":
        return None
    return "/".join(parts[1:])


def files_of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the files of an extracted package, `folder` being the one that holds package.json."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def manifest_of(content: bytes) -> Manifest:
    """The manifest out of the bytes of package.json."""
    try:
        data: dict[str, Any] = msgspec.json.decode(content)
        manifest = Manifest(data["name"], data["version"], dict(data.get("dependencies") or {}), data.get("canonical"))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise fault(Category.MALFORMED, "structure", f"package.json names no package: {error!r}.") from None
    _require_names(manifest)
    return manifest


def _require_names(manifest: Manifest) -> None:
    """Names lead to folders: one that is none could lead anywhere."""
    for name, version in ((manifest.name, manifest.version), *manifest.dependencies.items()):
        if not (isinstance(name, str) and isinstance(version, str) and NAME.fullmatch(name) and not _UNSAFE_VERSION.search(version)):
            raise fault(Category.INVALID, "security", f"package.json names what can be no package: {name!r} {version!r}. It was not read.")
    if not VERSION.fullmatch(manifest.version):
        raise fault(Category.INVALID, "security", f"package.json has no version that a folder can be named after: {manifest.version!r}.")


def read_manifest(archive: Path) -> Manifest:
    """The manifest of a .tgz."""
    for name, content in files_of_archive(archive):
        if name == "package.json":
            return manifest_of(content)
    raise fault(Category.INVALID, "not-found", f"{archive} has no package/package.json, so it is not a FHIR package.")


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

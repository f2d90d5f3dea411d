"""One FHIR package: a .tgz or an extracted folder (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from fhir_server.model.issue import Category, fault

MAX_FILE_BYTES = 64 * 2**20
MAX_TOTAL_BYTES = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Manifest:
    """package.json: name, version and dependencies (`{"hl7.fhir.r4.core": "4.0.1"}`)."""

    name: str
    version: str
    dependencies: dict[str, str] = field(default_factory=dict)
    canonical: str | None = None

    def __str__(self) -> str:
        return f"{self.name}#{self.version}"


def files_of_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name below `package/`, content) of the regular files of a .tgz; links and paths that climb are refused."""
    total = 0
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                total += member.size
                if (name := _safe_name(member, total)) and (stream := archive.extractfile(member)):
                    yield name, stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise fault(Category.MALFORMED, "structure", f"{path} is not a readable package archive (.tgz): {reason}.") from None


def _safe_name(member: tarfile.TarInfo, total: int) -> str | None:
    parts = PurePosixPath(member.name).parts
    if member.issym() or member.islnk() or ".." in parts or member.name.startswith("/"):
        raise fault(Category.INVALID, "security", f"The archive holds a link or a path outside itself: {member.name!r}. It was not read.")
    if member.size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES:
        raise fault(Category.TOO_LARGE, "too-costly", f"The archive unpacks to more than is allowed at {member.name!r}.")
    if not member.isfile() or parts[0] != "package" or len(parts) < 2:
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
        return Manifest(data["name"], data["version"], dict(data.get("dependencies") or {}), data.get("canonical"))
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise fault(Category.MALFORMED, "structure", f"package.json names no package: {error!r}.") from None


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

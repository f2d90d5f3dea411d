"""The documents behind names: files, folders, FHIR packages (`.tgz`: a guide's examples) and `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fhir_server.definitions.package import files_of_archive
from fhir_server.model.issue import Category, fault
from fhir_server.validation.document import Document

ENDINGS = (".json", ".xml", ".ndjson")
PACKAGES = (".tgz", ".tar.gz")
NOT_RESOURCES = ("package.json", ".index.json", "validation-summary.json", "validation-oo.json")
NDJSON_BYTES = 256 * 1024
"""NDJSON is cut into documents of about this many bytes, at the ends of lines."""


def is_package(path: Path) -> bool:
    return path.name.lower().endswith(PACKAGES)


def expanded(names: Iterable[Path]) -> list[Path]:
    """The files themselves, those of folders in their place; FhirError where there is none."""
    listed = [path for one in names for path in (_in_folder(one) if one.is_dir() else [one])]
    if not listed:
        raise fault(Category.NOT_FOUND, "not-found", "No file that ends in .json, .xml or .ndjson was found.")
    return listed


def _in_folder(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS and path.name not in NOT_RESOURCES and path.is_file())


def documents(paths: Iterable[Path]) -> Iterator[Document]:
    """The documents one after the other, each read when its turn comes; FhirError for what cannot be read."""
    for path in paths:
        if is_package(path):
            yield from _examples(path)
        else:
            yield from _pieces(_document(path))


def _document(path: Path) -> Document:
    if str(path) == "-":
        return Document("stdin", sys.stdin.buffer.read())
    try:
        return Document(str(path), path.read_bytes())
    except OSError as error:
        raise fault(Category.NOT_FOUND, "not-found", f"{path} cannot be read: {error.strerror}.") from None


def _examples(archive: Path) -> Iterator[Document]:
    """What the package keeps in `example/`; of one that has no such folder (such as hl7.fhir.r4.examples), every resource."""
    if not archive.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no package file {archive}.")
    held = [Document(f"{archive}/{name}", content) for name, content in files_of_archive(archive) if _is_resource(name)]
    examples = [one for one in held if one.name.removeprefix(f"{archive}/").startswith("example")]
    yield from examples or held


def _is_resource(name: str) -> bool:
    file = name.rpartition("/")[2]
    return file.endswith(ENDINGS) and not file.startswith(".") and file not in NOT_RESOURCES and not name.startswith("other/")


def _pieces(document: Document) -> Iterator[Document]:
    if not document.is_ndjson or len(document.content) <= NDJSON_BYTES:
        yield document
        return
    content, start, line = document.content, 0, 1
    while start < len(content):
        end = content.find(b"\n", start + NDJSON_BYTES) + 1 or len(content)
        piece = content[start:end]
        yield Document(document.name, piece, line)
        start, line = end, line + piece.count(b"\n")

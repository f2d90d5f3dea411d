"""Where imported resources come from: files, folders and URLs; JSON, XML or NDJSON; plain, .gz or .bz2."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit

import httpx

from fhir_server.model.issue import Category, fault

MAX_BYTES = 1 << 30
"""One document, unpacked, may have this many bytes."""

NDJSON_LINES = 500
"""So many lines of NDJSON are handed on as one document."""

_PACKED = {".bz2": bz2.open, ".gz": gzip.open}
_WANTED = (".json", ".ndjson", ".xml")


@dataclass(frozen=True, slots=True)
class Document:
    """Text to import: one JSON or XML resource, or some lines of NDJSON, the first of which is `line` of the file.

    `size` is what reading it took of the source, in bytes.
    """

    name: str
    content: bytes
    is_ndjson: bool
    is_xml: bool
    size: int
    line: int = 1


def expand(names: Iterable[str]) -> list[str]:
    """The files of folders in place of the folders; URLs and files as they are."""
    return [found for name in names for found in (_files_in(Path(name)) if "://" not in name and Path(name).is_dir() else [name])]


def _files_in(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file() and _plain_name(path.name).endswith(_WANTED)]


def size_of(name: str) -> int:
    """Bytes on disk, 0 where that is not known."""
    return Path(name).stat().st_size if "://" not in name and Path(name).is_file() else 0


def documents(name: str, allowed_hosts: Iterable[str]) -> Iterator[Document]:
    """The documents of one file or URL; FhirError where it cannot be read."""
    plain = _plain_name(urlsplit(name).path if "://" in name else name)
    try:
        with _opened(name, allowed_hosts) as stream:
            if plain.endswith(".ndjson"):
                yield from _chunks(name, stream)
            else:
                yield _whole(name, stream, plain.endswith(".xml"))
    except (OSError, EOFError, zlib.error, httpx.HTTPError) as error:
        raise fault(Category.NOT_FOUND, "not-found", f"{name} cannot be read: {error}.") from None


def _plain_name(name: str) -> str:
    return name.removesuffix(".bz2").removesuffix(".gz").lower()


def _opened(name: str, allowed_hosts: Iterable[str]) -> IO[bytes]:
    if "://" in name:
        return _fetched(name, frozenset(allowed_hosts))
    opener: Callable[..., Any] = _PACKED.get(Path(name).suffix, open)
    return cast(IO[bytes], opener(name, "rb"))


def _fetched(url: str, allowed_hosts: frozenset[str]) -> IO[bytes]:
    """The body of a URL whose host the settings allow; redirects are not followed."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or address.hostname not in allowed_hosts | {"127.0.0.1", "localhost", "::1"}:
        sentence = f"{address.hostname} is not among the allowed hosts; add it to the setting allowed_hosts."
        raise fault(Category.FORBIDDEN, "security", sentence)
    answer = httpx.get(url, timeout=60).raise_for_status()
    content = io.BytesIO(answer.content)
    opener: Callable[..., Any] | None = _PACKED.get(Path(address.path).suffix)
    return cast(IO[bytes], opener(content, "rb")) if opener else content


def _whole(name: str, stream: IO[bytes], is_xml: bool) -> Document:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise fault(Category.TOO_LARGE, "too-long", f"{name} has more than {MAX_BYTES} bytes; split it, or write it as NDJSON.")
    return Document(name, content, is_ndjson=False, is_xml=is_xml, size=size_of(name))


def _chunks(name: str, stream: IO[bytes]) -> Iterator[Document]:
    first = 1
    while lines := list(islice(stream, NDJSON_LINES)):
        content = b"".join(lines)
        yield Document(name, content, is_ndjson=True, is_xml=False, size=len(content), line=first)
        first += len(lines)

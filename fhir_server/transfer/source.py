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
from tempfile import TemporaryDirectory
from typing import IO, Any, cast
from urllib.parse import urlsplit

from fhir_server.model.issue import Category, fault
from fhir_server.security.outgoing import Outgoing

MAX_BYTES = 1 << 30
"""One document, unpacked, may have this many bytes."""

NDJSON_LINES = 500
"""So many lines of NDJSON are handed on as one document."""

SECONDS = 600.0
"""So long a URL may take to come."""

HERE = ("127.0.0.1", "localhost", "[::1]")
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


def documents(name: str, allowed_hosts: Iterable[str], allowed_networks: Iterable[str] = ()) -> Iterator[Document]:
    """The documents of one file or URL; FhirError where it cannot be read.

    A URL may lead to this machine too: whoever names it sits there.
    """
    outgoing = Outgoing((*allowed_hosts, *HERE), tuple(allowed_networks), seconds=SECONDS)
    plain = _plain_name(urlsplit(name).path if "://" in name else name)
    try:
        with _opened(name, outgoing) as stream:
            if plain.endswith(".ndjson"):
                yield from _chunks(name, stream)
            else:
                yield _whole(name, stream, plain.endswith(".xml"))
    except (OSError, EOFError, zlib.error) as error:
        raise fault(Category.NOT_FOUND, "not-found", f"{name} cannot be read: {error}.") from None


def _plain_name(name: str) -> str:
    return name.removesuffix(".bz2").removesuffix(".gz").lower()


def _opened(name: str, outgoing: Outgoing) -> IO[bytes]:
    if "://" in name:
        return _fetched(name, outgoing)
    opener: Callable[..., Any] = _PACKED.get(Path(name).suffix, open)
    return cast(IO[bytes], opener(name, "rb"))


def _fetched(url: str, outgoing: Outgoing) -> IO[bytes]:
    """The body of a URL whose host the settings allow."""
    with TemporaryDirectory(prefix="passerelle-") as folder:
        status = outgoing.download(url, Path(folder) / "content", MAX_BYTES)
        if status != 200:
            raise fault(Category.NOT_FOUND, "not-found", f"{url} cannot be read: the answer was {status}.")
        content = io.BytesIO((Path(folder) / "content").read_bytes())
    opener: Callable[..., Any] | None = _PACKED.get(Path(urlsplit(url).path).suffix)
    return cast(IO[bytes], opener(content, "rb")) if opener else content


def _whole(name: str, stream: IO[bytes], is_xml: bool) -> Document:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise fault(Category.TOO_LARGE, "too-long", f"{name} has more than {MAX_BYTES} bytes; split it, or write it as NDJSON.")
    return Document(name, content, is_ndjson=False, is_xml=is_xml, size=size_of(name))


def _lines(name: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Lines within the bound: a packed file may hold one without end."""
    while line := stream.readline(MAX_BYTES + 1):
        if len(line) > MAX_BYTES:
            raise fault(Category.TOO_LARGE, "too-long", f"{name} has a line of more than {MAX_BYTES} bytes; it was not read.")
        yield line


def _chunks(name: str, stream: IO[bytes]) -> Iterator[Document]:
    first = 1
    while lines := list(islice(_lines(name, stream), NDJSON_LINES)):
        content = b"".join(lines)
        yield Document(name, content, is_ndjson=True, is_xml=False, size=len(content), line=first)
        first += len(lines)

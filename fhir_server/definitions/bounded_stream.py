"""The unpacked bytes of a packed file, never more than a bound: what is small on the disk may unpack to anything."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from fhir_server.model.issue import Category, fault

_BY_FIRST_BYTES: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


class BoundedStream(io.RawIOBase):
    """Reads what a stream holds; TOO_LARGE where one read asks for more than `most_at_once` bytes, or all have more than `most`.

    A header of an archive may say that a name of gigabytes follows, and whoever reads it would ask for all of it.
    """

    def __init__(self, stream: IO[bytes], most_at_once: int, most: int):
        self._stream = stream
        self._most_at_once = most_at_once
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._most_at_once:
            raise _too_large()
        content = self._stream.read(size)
        if self._stream.tell() > self._most:
            raise _too_large()
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As far as the bound."""
        if whence != io.SEEK_SET or offset > self._most:
            raise _too_large()
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
        super().close()


def unpacked(path: Path, most_at_once: int, most: int) -> BoundedStream:
    """The content of a file packed by gzip, bzip2 or xz, or not at all, as its first bytes say."""
    with path.open("rb") as stream:
        first = stream.read(6)
    opener = next((one for start, one in _BY_FIRST_BYTES.items() if first.startswith(start)), open)
    return BoundedStream(cast(IO[bytes], opener(path, "rb")), most_at_once, most)


def _too_large() -> Exception:
    return fault(Category.TOO_LARGE, "too-costly", "The archive unpacks to more than is allowed. It was not read.")

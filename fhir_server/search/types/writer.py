"""What every search type offers the extractor: functions that turn one element into index rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fhir_server.search.rows import IndexRows

Keys = Sequence[int]
"""Keys of the parameters that share an element: each gets its own row."""

Writer = Callable[[Any, Keys, IndexRows], None]
"""(element, keys, rows): append the element's rows. It may raise TypeError, ValueError or AttributeError on a malformed element."""

Writers = Mapping[str, Writer]


def extension_writer(writers: Writers) -> Writer:
    """Extensions that a parameter names stand for their values: the writer of the value's type does the work."""
    by_member = {f"value{name[0].upper()}{name[1:]}": writer for name, writer in writers.items()}

    def write(extension: Any, keys: Keys, rows: IndexRows) -> None:
        for member, value in extension.items():
            if writer := by_member.get(member):
                writer(value, keys, rows)

    return write

"""The maps that come with the program, compiled once for all the servers that the tests of a process start: each would take a second."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.hl7v2 import adt
from adapters.mapping import site
from adapters.mapping.maps import Library, load_library
from adapters.mapping.run import Language
from fhir_server.model.schema import Schema


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """What is in another folder, and what a site says of a map, is read and compiled each time."""
    kept: dict[tuple[bool, bool], Library] = {}

    def load(
        languages: Mapping[str, Language], folder: Path | None = None, *, traced: bool = False, schema: Schema | None = None
    ) -> Library:
        if folder is not None:
            return load_library(languages, folder, traced=traced, schema=schema)
        asked = traced, schema is not None
        if asked not in kept:
            kept[asked] = load_library(languages, traced=traced, schema=schema)
        return kept[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adt, "load_library", load)
        patch.setattr(site, "load_library", load)
        yield

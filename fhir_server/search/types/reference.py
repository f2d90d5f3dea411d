"""Reference search: resources of this server by type and id, others by URL (https://hl7.org/fhir/R4/search.html#reference).

A row holds (id, type, version) of a resource here, or a URL with the type "": an absolute reference elsewhere, a `urn:`, a
canonical URL with its `|version`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fhir_server.model.references import ParsedReference, parse_canonical, parse_reference
from fhir_server.search.rows import IndexRows
from fhir_server.search.types.writer import Keys, Writer, Writers, extension_writer

Columns = tuple[str, str, str]
"""id or URL, type, version."""

NOTHING: Columns = ("", "", "")
"""The row of a reference that is there but cannot be searched: contained, or by identifier only."""


def columns_of(reference: ParsedReference, base: str | None) -> Columns:
    """The row of a reference string; `base` is this server's own URL, without a slash at its end."""
    if reference.type and reference.id and reference.base in (None, base):
        return reference.id, reference.type, reference.version or ""
    if reference.kind in ("contained", "conditional"):
        return NOTHING
    return reference.text, "", ""


def reference_writers(base: str | None) -> Writers:
    """The writers of a server whose own URL is `base`."""
    known = reference_reader(base)

    def write_reference(element: Any, keys: Keys, rows: IndexRows) -> None:
        text = element.get("reference")
        columns = known(text)[0] if text else NOTHING
        for key in keys:
            rows.references.append((key, *columns))

    writers: dict[str, Writer] = {"Reference": write_reference, "canonical": _write_canonical, "uri": _write_canonical}
    return {**writers, "Extension": extension_writer(writers), "Resource": _write_resource}


def targeted_writer(write: Writer, base: str | None, target: str) -> Writer:
    """The writer for references to resources of the type `target` only (`where(resolve() is Patient)`): what their text or
    their `type` says they are."""
    known = reference_reader(base)

    def write_if_target(element: Any, keys: Keys, rows: IndexRows) -> None:
        text = element.get("reference")
        type_name = known(text)[1] if text else None
        if (type_name or element.get("type")) == target:
            write(element, keys, rows)

    return write_if_target


@lru_cache(maxsize=8)
def reference_reader(base: str | None) -> Callable[[str], tuple[Columns, str | None]]:
    """Makes the row of a reference's text, and the type that the text names; `base` is this server's own URL. All who read for one base
    share what is remembered."""

    @lru_cache(maxsize=1 << 14)
    def known(text: str) -> tuple[Columns, str | None]:
        parsed = parse_reference(text)
        return columns_of(parsed, base), parsed.type

    return known


def _write_canonical(text: Any, keys: Keys, rows: IndexRows) -> None:
    canonical = parse_canonical(text)
    if canonical.url:
        for key in keys:
            rows.references.append((key, canonical.url, "", canonical.version or ""))


def _write_resource(resource: Any, keys: Keys, rows: IndexRows) -> None:
    """A resource inside another one (`Bundle.entry[0].resource`) is found by its own type and id."""
    for key in keys:
        rows.references.append((key, resource["id"], resource["resourceType"], ""))


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """What is searched: `type` None is any resource here, "" a URL; `version` None is any.

    `url` is the text of a reference by this server's own URL, for it may also be a canonical URL, which is kept as it is.
    With `below`, `version` 1 stands for 1.0, 1.1 and so on too.
    """

    id: str
    type: str | None
    version: str | None
    url: str | None = None
    below: bool = False


def parse_reference_value(text: str, base: str | None) -> ReferenceValue:
    """`1`, `Patient/1`, `Patient/1/_history/2`, a URL, or a canonical URL with `|version`; ValueError with a sentence for what is empty."""
    if not text:
        raise ValueError("write an id, Type/id or a URL")
    parsed = parse_reference(text)
    if parsed.kind == "other" and "|" not in text:
        return ReferenceValue(text, None, None)
    if parsed.kind in ("contained", "conditional"):
        raise ValueError("write an id, Type/id or a URL")
    id_, type_name, version = columns_of(parsed, base)
    if type_name:
        return ReferenceValue(id_, type_name, version or None, text if parsed.base else None)
    canonical = parse_canonical(text)
    return ReferenceValue(canonical.url, "", canonical.version)

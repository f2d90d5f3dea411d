"""A Bundle's entries: fullUrls (https://hl7.org/fhir/R4/bundle.html#bundle-unique).

The rules bdl-1 to bdl-12 are invariants of the base definition; here is what they leave to prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import phrase
from fhir_server.model.references import parse_reference
from fhir_server.validation.bundle_index import Entry
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/bundle.html#bundle-unique"
WITHOUT_FULL_URL = ("transaction", "transaction-response", "batch", "batch-response")

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")


def check_bundle(around: Surroundings) -> Iterator[Issue]:
    """The issues of a Bundle and its entries' fullUrls."""
    bundle, at = around.resource, around.at
    if bundle.get("type") in ("document", "message") and not bundle.get("entry"):
        yield error("invalid", at, phrase("A {type} has at least one entry.", type=bundle["type"]), "bundle-empty", SOURCE)
    yield from _required_full_urls(around)
    for entry in around.bundle.entries if around.bundle else ():
        yield from _full_url(entry, (at, "entry", entry.index), around)


def _required_full_urls(around: Surroundings) -> Iterator[Issue]:
    if around.resource.get("type") in WITHOUT_FULL_URL:
        return
    for index, entry in indexed(around.resource.get("entry")):
        if "resource" in entry and not entry.get("fullUrl"):
            sentence = phrase("The entry needs a fullUrl, the identity of its resource; only transactions and batches do without.")
            yield error("invalid", (around.at, "entry", index), sentence, "full-url-missing", SOURCE)


def _full_url(entry: Entry, at: Location, around: Surroundings) -> Iterator[Issue]:
    text = entry.full_url
    if text is None:
        return
    reference = parse_reference(text)
    if not _ABSOLUTE.fullmatch(text):
        yield error(
            "invalid",
            at,
            phrase("The fullUrl '{text}' must be absolute: a URL with its host, or urn:uuid:...", text=text[:80]),
            "full-url-relative",
            SOURCE,
        )
    elif reference.kind == "absolute" and reference.type in around.definitions.schema.resource_types:
        yield from _restful(entry, reference.type_and_id, at)


def _restful(entry: Entry, named: str | None, at: Location) -> Iterator[Issue]:
    if entry.type_and_id is None:
        sentence = phrase(
            "The fullUrl '{full_url}' is a server's address, but the resource has no id; add it, or use urn:uuid:...",
            full_url=entry.full_url,
        )
        yield error("invalid", at, sentence, "full-url-no-id", SOURCE)
    elif named != entry.type_and_id:
        sentence = phrase(
            "The fullUrl '{full_url}' is a server's address, so it must end with the resource's type and id, /{type_and_id}.",
            full_url=entry.full_url,
            type_and_id=entry.type_and_id,
        )
        yield error("invalid", at, sentence, "full-url-mismatch", SOURCE)

"""Reference strings taken apart (https://hl7.org/fhir/R4/references.html#literal): relative, absolute, contained, urn, conditional."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

ReferenceKind = Literal["relative", "absolute", "contained", "urn", "conditional", "other"]


class ParsedReference(msgspec.Struct, frozen=True):
    """What a reference string says.

    - relative `Patient/1/_history/2`: type, id, version
    - absolute `https://host/fhir/Patient/1`: base `https://host/fhir` (no slash at the end), type, id, version;
      type, id and base are None where the URL does not end like a resource's
    - contained `#p1`: fragment; `#` alone, the containing resource, has the fragment ""
    - urn `urn:uuid:...`, `urn:oid:...`: the text itself
    - conditional `Patient?identifier=s|v`: type, query (also with a base)
    - other: none of these; most often a mistake
    """

    kind: ReferenceKind
    text: str
    type: str | None = None
    id: str | None = None
    version: str | None = None
    base: str | None = None
    query: str | None = None
    fragment: str | None = None

    @property
    def type_and_id(self) -> str | None:
        """`Patient/1`, without base, version and fragment; None where there is no id."""
        return f"{self.type}/{self.id}" if self.id else None


_RESTFUL = re.compile(
    r"(?:([a-zA-Z][a-zA-Z0-9+.\-]*://[^\s?#]+)/)?([A-Z][A-Za-z]*)"
    r"(?:/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?(?:#(\S*))?|\?(\S+))"
)
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s#]+(?:#(\S*))?")


REMEMBERED, REMEMBERED_LENGTH = 16_384, 200
"""How many references are kept taken apart, since one is read several times in a validation; longer ones are not, to bound the memory."""


def parse_reference(text: str) -> ParsedReference:
    """Take a reference string apart; never fails (see `ParsedReference.kind`)."""
    return _remembered(text) if len(text) <= REMEMBERED_LENGTH else _parse_reference(text)


def _parse_reference(text: str) -> ParsedReference:
    if match := _RESTFUL.fullmatch(text):
        base, type_name, id_, version, fragment, query = match.groups()
        kind: ReferenceKind = "conditional" if query else "absolute" if base else "relative"
        return ParsedReference(kind, text, type_name, id_, version, base, query, fragment)
    if text.startswith("#"):
        return ParsedReference("contained", text, fragment=text[1:])
    if text.startswith("urn:"):
        return ParsedReference("urn", text)
    if match := _ABSOLUTE.fullmatch(text):
        return ParsedReference("absolute", text, fragment=match[1])
    return ParsedReference("other", text)


_remembered = lru_cache(maxsize=REMEMBERED)(_parse_reference)


class ParsedCanonical(msgspec.Struct, frozen=True):
    """A canonical URL: `url`, and what follows `|` and `#` (https://hl7.org/fhir/R4/references.html#canonical)."""

    url: str
    version: str | None = None
    fragment: str | None = None


def parse_canonical(text: str) -> ParsedCanonical:
    """`http://example.org/vs|1.0#part` taken apart; the url is "" in `#contained`."""
    url, has_version, rest = text.partition("|")
    if has_version:
        version, _, fragment = rest.partition("#")
        return ParsedCanonical(url, version or None, fragment or None)
    url, _, fragment = text.partition("#")
    return ParsedCanonical(url, None, fragment or None)

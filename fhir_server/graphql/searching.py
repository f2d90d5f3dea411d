"""[Type]List and [Type]Connection: arguments as search parameters, pages as cursors (https://hl7.org/fhir/R4/graphql.html#searching)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from graphql import Node

from fhir_server.graphql.fault import GraphQLFault, malformed, too_costly
from fhir_server.graphql.filtering import text_of, whole
from fhir_server.graphql.source import Pair, Source

REFUSED = frozenset(
    ("_include", "_revinclude", "_contained", "_containedType", "_summary", "_elements", "_page", "_format", "_pretty", "_total")
)
NOT_SEARCHED = frozenset(("fhirpath", "_count", "_offset", "_reference", "cursor", "_cursor"))
GENERAL = frozenset(("_id", "_sort", "_filter", "_lastUpdated", "_text", "_content", "_list", "_has", "_type", "_query"))
MAX_LIST = 1_000
"""Resources of a list that was not asked in pages; where there are more the query is refused, as R4 has it."""

DEFAULT_PAGE = 50
MAX_CURSOR = 8_000


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A page of a search, for the client to hand back: opaque text."""

    type: str
    pairs: list[tuple[str, str]]
    size: int
    offset: int = 0
    page: str | None = None
    fhirpath: str | None = None

    def text(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).rstrip(b"=").decode()


def read_cursor(text: Any, type_name: str, node: Node) -> Cursor:
    """The page that a cursor of this server means; GraphQLFault for anything else."""
    try:
        if not isinstance(text, str) or len(text) > MAX_CURSOR:
            raise ValueError
        found = msgspec.json.decode(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)), type=Cursor)
    except (ValueError, msgspec.DecodeError, binascii.Error):
        raise _foreign(node) from None
    strange = found.type != type_name or found.offset < 0 or not 0 < found.size <= MAX_LIST
    if strange or any(name.partition(":")[0] in REFUSED for name, _ in found.pairs):
        raise _foreign(node)
    return found


def _foreign(node: Node) -> GraphQLFault:
    return malformed("The cursor is none of this search; take first or next out of an answer, or search again without it.", node)


def pairs_of(type_name: str, arguments: Mapping[str, Any], source: Source, node: Node) -> list[Pair]:
    """The arguments as search parameters: `clinical_status` is `clinical-status`, the values of a list are alternatives."""
    return list(_pairs(type_name, arguments, source, node))


def _pairs(type_name: str, arguments: Mapping[str, Any], source: Source, node: Node) -> Iterator[Pair]:
    codes = {code if code.startswith("_") else code.replace("-", "_"): code for code in source.search_parameters(type_name)}
    for name, value in arguments.items():
        if name in NOT_SEARCHED or value is None:
            continue
        code = codes.get(name) or (name if name in GENERAL else None)
        if code is None or name in REFUSED:
            raise malformed(f"{type_name} cannot be searched by '{name[:60]}' in a graph.", node)
        yield code, ",".join(_value(one) for one in (value if isinstance(value, list) else [value]))


def _value(value: Any) -> str:
    """A comma is part of the value: alternatives are written as a list."""
    return text_of(value).replace(",", "\\,")


def list_window(arguments: Mapping[str, Any], node: Node) -> tuple[int, int | None]:
    """(offset, count) of a list; count None means all."""
    offset, count = whole(arguments, "_offset", node) or 0, whole(arguments, "_count", node)
    if offset + (count or 0) > MAX_LIST:
        raise too_costly(f"A list reaches at most {MAX_LIST} resources; go through more with a Connection and its cursors.", node)
    return offset, count


def page_size(arguments: Mapping[str, Any], node: Node) -> int:
    """Edges of a connection."""
    return max(1, min(whole(arguments, "_count", node) or DEFAULT_PAGE, MAX_LIST))


def too_many(type_name: str, node: Node) -> GraphQLFault:
    """More matches than a list may have."""
    sentence = (
        f"{type_name}List has more than {MAX_LIST} matches, or more than a page of this server; narrow it, or use {type_name}Connection."
    )
    return too_costly(sentence, node)


def referring(arguments: Mapping[str, Any], type_name: str, focus: str, source: Source, node: Node) -> list[Pair]:
    """The pairs of a reverse reference: resources that refer to `focus` (`Patient/1`) by the parameter `_reference`."""
    name = arguments.get("_reference")
    if not isinstance(name, str):
        raise malformed(f"A list of {type_name} below a resource needs _reference: the search parameter that leads here.", node)
    if {"_id", "id", "cursor", "_cursor"} & arguments.keys():
        raise malformed("Below a resource a list takes no _id and no cursor.", node)
    codes: Sequence[str] = source.search_parameters(type_name)
    code = next((one for one in codes if name in (one, one.replace("-", "_"))), None)
    if code is None:
        raise malformed(f"{type_name} has no search parameter '{name[:60]}'.", node)
    return [(code, focus)]

"""A property that stands twice in a JSON object: decoders keep the last one in silence, so what was meant is lost
(https://hl7.org/fhir/R4/json.html: names are unique).

Whether there is one is found by counting: what was decoded has fewer quotation marks than the text when, and only when, a property
was lost. Where it stands is looked for only then, or where a text is validated; it costs more than decoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_format import Resource, decode_json, decode_resource, encode_json, line_and_column
from fhir_server.model.phrase import phrase
from fhir_server.model.position import TOKEN

MAX_REPETITIONS = 100
"""More are not told: each asks for a look at the text from its start."""


def decode_unrepeated(source: bytes) -> Resource:
    """A resource as `decode_resource` gives it; MALFORMED also where a property stands twice, so that nothing is lost in silence."""
    resource = decode_resource(source)
    if loses_names(source, resource):
        raise FhirError(Category.MALFORMED, repeated_names(source))
    return resource


def loses_names(source: bytes, decoded: Any) -> bool:
    """True where some property of the text is not in what was decoded from it: a name stands twice."""
    try:
        return _quotes(source) != _quotes(encode_json(decoded))
    except RecursionError:
        return False  # too deep: refused by whoever walks it


def _quotes(text: bytes) -> int:
    """The quotation marks that begin or end a string."""
    if b"\\" not in text:
        return text.count(b'"')
    if b"\\\\" in text:
        text = text.replace(b"\\\\", b"")
    return text.count(b'"') - text.count(b'\\"')


def repeated_names(source: bytes) -> list[Issue]:
    """One error for each repetition in well-formed JSON (of the first 100), with its place."""
    found = list(islice(_repetitions(source), MAX_REPETITIONS))
    type_name = _type_name(source) if found else None
    return [_issue(source, name, offset, type_name and type_name + path) for name, offset, path in found]


def _type_name(source: bytes) -> str | None:
    value = decode_json(source)
    found = value.get("resourceType") if isinstance(value, dict) else None
    return found if isinstance(found, str) and found.isalpha() else None


class _Level:
    """An open object with its names so far, or an array (names None)."""

    __slots__ = ("index", "name", "names")

    def __init__(self, is_object: bool):
        self.names: set[str] | None = set() if is_object else None
        self.name, self.index = "", 0

    @property
    def step(self) -> str:
        return f"[{self.index}]" if self.names is None else f".{self.name.removeprefix('_')}"


def _repetitions(source: bytes) -> Iterator[tuple[str, int, str]]:
    """Name, offset and path of each."""
    levels: list[_Level] = []
    expects_name = False
    for token in TOKEN.finditer(source):
        text = token[0]
        if text in (b"{", b"["):
            levels.append(_Level(text == b"{"))
        elif text in (b"}", b"]"):
            del levels[-1:]
        elif text == b"," and levels:
            levels[-1].index += 1
        elif expects_name and levels and (names := levels[-1].names) is not None:
            levels[-1].name = name = _name(text)
            if name in names:
                yield name, token.start(), "".join(level.step for level in levels)
            names.add(name)
        expects_name = text in (b"{", b",")


def _name(token: bytes) -> str:
    return str(decode_json(token)) if b"\\" in token else token[1:-1].decode()


def _issue(source: bytes, name: str, offset: int, path: str | None) -> Issue:
    line, column = line_and_column(source, offset)
    sentence = phrase("The property '{name}' stands twice in this object; only the last one is read. Remove one.", name=name[:64])
    return Issue("error", "structure", sentence, path, line, column, "repeated-name")

"""A property that stands twice in a JSON object: decoders keep the last one in silence, so what was meant is lost
(https://hl7.org/fhir/R4/json.html: names are unique). Looked for where a text is validated; it costs more than decoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import decode_json, line_and_column
from fhir_server.model.phrase import phrase
from fhir_server.model.position import TOKEN

MAX_REPETITIONS = 100
"""More are not told: each asks for a look at the text from its start."""


def repeated_names(source: bytes) -> list[Issue]:
    """One error for each repetition in well-formed JSON (of the first 100), with its line and column."""
    return [_issue(source, name, offset) for name, offset in islice(_repetitions(source), MAX_REPETITIONS)]


def _repetitions(source: bytes) -> Iterator[tuple[str, int]]:
    levels: list[set[str] | None] = []  # the names of each open object so far; None is an array
    expects_name = False
    for token in TOKEN.finditer(source):
        text = token[0]
        if text in (b"{", b"["):
            levels.append(set() if text == b"{" else None)
        elif text in (b"}", b"]"):
            del levels[-1:]
        elif expects_name and levels and (names := levels[-1]) is not None:
            name = _name(text)
            if name in names:
                yield name, token.start()
            names.add(name)
        expects_name = text in (b"{", b",")


def _name(token: bytes) -> str:
    return str(decode_json(token)) if b"\\" in token else token[1:-1].decode()


def _issue(source: bytes, name: str, offset: int) -> Issue:
    line, column = line_and_column(source, offset)
    sentence = phrase("The property '{name}' stands twice in this object; only the last one is read. Remove one.", name=name[:64])
    return Issue("error", "structure", sentence, line=line, column=column, message_id="repeated-name")

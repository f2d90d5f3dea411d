"""JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901): where in a document an operation points."""

from __future__ import annotations

import re
from typing import Any

from fhir_server.patch.refusal import DoesNotApply

END = "-"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


def pointer(text: str) -> list[str]:
    """The reference tokens of `/name/0/given`; DoesNotApply where the text is no pointer."""
    if text and not text.startswith("/"):
        raise DoesNotApply(f"{text[:80]!r} is not a JSON Pointer; it begins with '/'.")
    if _BAD_ESCAPE.search(text):
        raise DoesNotApply(f"{text[:80]!r} is not a JSON Pointer: '~' stands only before 0 or 1.")
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def found(document: Any, tokens: list[str]) -> Any:
    """The value there; DoesNotApply naming the first step that leads nowhere."""
    value = document
    for depth, token in enumerate(tokens):
        value = _step(value, token, tokens[: depth + 1])
    return value


def _step(value: Any, token: str, path: list[str]) -> Any:
    if type(value) is dict and token in value:
        return value[token]
    if type(value) is list:
        return value[existing_index(value, token)]
    raise DoesNotApply(f"there is nothing at {shown(path)}.")


def existing_index(values: list[Any], token: str) -> int:
    """The place of an item that is there."""
    index = _index(token)
    if index >= len(values):
        raise DoesNotApply(f"the array has {len(values)} items; there is none at {index} (indexes begin at 0).")
    return index


def insertion_index(values: list[Any], token: str) -> int:
    """The place before which an item goes; `-` is the end."""
    index = len(values) if token == END else _index(token)
    if index > len(values):
        raise DoesNotApply(f"the array has {len(values)} items; nothing can be put at {index}.")
    return index


def _index(token: str) -> int:
    if not _INDEX.fullmatch(token):
        raise DoesNotApply(f"{token[:40]!r} is not the index of an array item.")
    return int(token)


def shown(tokens: list[str]) -> str:
    """The pointer as text, not longer than a sentence can bear."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)[:200] or "the root"

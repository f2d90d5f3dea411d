"""JSON Patch (https://www.rfc-editor.org/rfc/rfc6902), on the FHIR JSON of a resource."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.patch.json_pointer import existing_index, found, insertion_index, pointer, shown
from fhir_server.patch.refusal import DoesNotApply, counted, malformed, operation

MAX_COPIED = 16 * 2**20
"""Bytes that the `copy` operations of one patch may make: each could double the document."""

_NUMBERS = (int, float, Decimal)


class JsonPatch:
    """`operations` is the decoded array of the patch document."""

    def __init__(self, operations: Any):
        if not isinstance(operations, list):
            raise malformed('A JSON Patch is an array of operations, such as [{"op": "remove", "path": "/active"}].')
        counted(len(operations))
        self.operations = operations

    @classmethod
    def read(cls, source: bytes) -> JsonPatch:
        """The patch of an application/json-patch+json body; FhirError MALFORMED or TOO_LARGE."""
        return cls(decode_json(source))

    def apply(self, document: Any) -> Any:
        """The patched document; `document` itself is changed. FhirError INVALID with the index of the operation that does not apply."""
        run = _Run(document)
        for position, one in enumerate(self.operations):
            with operation(position, f"[{position}]"):
                run.carry_out(one)
        return run.document


class _Run:
    """One document while it is patched."""

    def __init__(self, document: Any):
        self.document = document
        self._copied = 0

    def carry_out(self, one: Any) -> None:
        if not isinstance(one, dict):
            raise DoesNotApply("an operation is an object with op and path.")
        work = _WORK.get(str(one.get("op")))
        if work is None:
            raise DoesNotApply(f"op is one of {', '.join(_WORK)}, not {str(one.get('op'))[:40]!r}.")
        work(self, one, _pointer(one, "path"))

    def add(self, one: dict[str, Any], path: list[str]) -> None:
        self._put(path, _value(one))

    def remove(self, _: dict[str, Any], path: list[str]) -> None:
        self._take(path)

    def replace(self, one: dict[str, Any], path: list[str]) -> None:
        value = _value(one)
        if not path:
            self.document = value
            return
        found(self.document, path)
        parent = found(self.document, path[:-1])
        parent[existing_index(parent, path[-1]) if type(parent) is list else path[-1]] = value

    def move(self, one: dict[str, Any], path: list[str]) -> None:
        source = _pointer(one, "from")
        if path[: len(source)] == source and len(path) > len(source):
            raise DoesNotApply(f"{shown(source)} cannot be moved into itself.")
        value = found(self.document, source)
        if source != path:
            self._take(source)
            self._put(path, value)

    def copy(self, one: dict[str, Any], path: list[str]) -> None:
        copied = encode_json(found(self.document, _pointer(one, "from")))
        self._copied += len(copied)
        if self._copied > MAX_COPIED:
            raise DoesNotApply(f"the copies make more than {MAX_COPIED} bytes.")
        self._put(path, decode_json(copied))

    def test(self, one: dict[str, Any], path: list[str]) -> None:
        if not equal(found(self.document, path), _value(one)):
            raise DoesNotApply(f"the test failed: {shown(path)} has another value.")

    def _put(self, path: list[str], value: Any) -> None:
        if not path:
            self.document = value
            return
        parent = found(self.document, path[:-1])
        if type(parent) is list:
            parent.insert(insertion_index(parent, path[-1]), value)
        elif type(parent) is dict:
            parent[path[-1]] = value
        else:
            raise DoesNotApply(f"{shown(path[:-1])} is neither an object nor an array; nothing can be added to it.")

    def _take(self, path: list[str]) -> None:
        if not path:
            raise DoesNotApply("the whole resource cannot be removed by a patch; delete it.")
        found(self.document, path)
        parent = found(self.document, path[:-1])
        del parent[existing_index(parent, path[-1]) if type(parent) is list else path[-1]]


_WORK: dict[str, Callable[[_Run, dict[str, Any], list[str]], None]] = {
    "add": _Run.add, "remove": _Run.remove, "replace": _Run.replace, "move": _Run.move, "copy": _Run.copy, "test": _Run.test,
}  # fmt: skip


def equal(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 and 1.0 are the same number, 1 and true are not the same value."""
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(equal, one, other))
    return _kind(one) is _kind(other) and bool(one == other)


def _kind(value: Any) -> type:
    return Decimal if type(value) in _NUMBERS else type(value)


def _pointer(one: dict[str, Any], name: str) -> list[str]:
    text = one.get(name)
    if not isinstance(text, str):
        raise DoesNotApply(f"{one['op']} needs {name!r}, a JSON Pointer such as '/name/0/family'.")
    return pointer(text)


def _value(one: dict[str, Any]) -> Any:
    """The operation's value; a copy of its own, for later operations may change it in place."""
    if "value" not in one:
        raise DoesNotApply(f"{one['op']} needs a value.")
    value = one["value"]
    return decode_json(encode_json(value)) if type(value) in (dict, list) else value

"""JSON Patch where HL7's tests are silent (https://www.rfc-editor.org/rfc/rfc6902)."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.issue import Category, FhirError
from fhir_server.patch import JsonPatch
from fhir_server.patch.json_patch import equal

DOCUMENT = {"a": [1, 2, 3], "b": {"c": "x"}, "~/": 1}

APPLIES: dict[str, tuple[list[dict[str, Any]], Any]] = {
    "escapes": ([{"op": "replace", "path": "/~0~1", "value": 2}], DOCUMENT | {"~/": 2}),
    "the end of an array": ([{"op": "add", "path": "/a/-", "value": 4}], DOCUMENT | {"a": [1, 2, 3, 4]}),
    "the place behind the last": ([{"op": "add", "path": "/a/3", "value": 4}], DOCUMENT | {"a": [1, 2, 3, 4]}),
    "a move to itself": ([{"op": "move", "from": "/a", "path": "/a"}], DOCUMENT),
    "a copy that is its own": (
        [{"op": "copy", "from": "/b", "path": "/d"}, {"op": "add", "path": "/d/c", "value": "y"}],
        DOCUMENT | {"d": {"c": "y"}},
    ),
    "a value used twice": (
        [
            {"op": "add", "path": "/d", "value": {}},
            {"op": "add", "path": "/d/e", "value": 1},
            {"op": "test", "path": "/d", "value": {"e": 1}},
        ],
        DOCUMENT | {"d": {"e": 1}},
    ),
    "the whole document": ([{"op": "replace", "path": "", "value": {"z": 1}}], {"z": 1}),
    "a number of another form": ([{"op": "test", "path": "/a/0", "value": 1.0}], DOCUMENT),
}


@pytest.mark.parametrize(("operations", "expected"), APPLIES.values(), ids=APPLIES)
def test_an_operation_does_what_the_rfc_says(operations: list[dict[str, Any]], expected: Any) -> None:
    assert JsonPatch(operations).apply(deepcopy(DOCUMENT)) == expected


REFUSED: dict[str, Any] = {
    "an index with a zero in front": {"op": "remove", "path": "/a/01"},
    "an index beyond the end": {"op": "remove", "path": "/a/3"},
    "an insertion beyond the end": {"op": "add", "path": "/a/4", "value": 1},
    "a negative index": {"op": "remove", "path": "/a/-1"},
    "an index of another script": {"op": "remove", "path": "/a/\u0661"},
    "the end of an array, which is nothing": {"op": "remove", "path": "/a/-"},
    "a step through a text": {"op": "add", "path": "/b/c/d", "value": 1},
    "no slash": {"op": "remove", "path": "a"},
    "a bad escape": {"op": "remove", "path": "/~2"},
    "no path": {"op": "remove"},
    "no value": {"op": "add", "path": "/x"},
    "no from": {"op": "move", "path": "/x"},
    "no op": {"path": "/a"},
    "an unknown op": {"op": "shuffle", "path": "/a"},
    "an op that is no text": {"op": ["add"], "path": "/a"},
    "an operation that is no object": 7,
    "a move into itself": {"op": "move", "from": "/b", "path": "/b/c"},
    "the removal of everything": {"op": "remove", "path": ""},
    "true is not one": {"op": "test", "path": "/a/0", "value": True},
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_does_not_apply_names_the_operation(operation: Any) -> None:
    with pytest.raises(FhirError, match="Operation 1 of the patch") as refused:
        JsonPatch([{"op": "test", "path": "/a/0", "value": 1}, operation]).apply(deepcopy(DOCUMENT))
    assert refused.value.category is Category.INVALID
    assert refused.value.issues[0].expression == "[1]"


def test_copies_that_double_the_document_end() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(40)]
    with pytest.raises(FhirError, match="copies make more than"):
        JsonPatch(doubling).apply({"x": "y" * 100})


def test_a_document_nested_by_a_patch_ends() -> None:
    deeper = [{"op": "add", "path": "/a" * (number * 90), "value": {"a": {}}} for number in range(1, 3)]
    with pytest.raises(FhirError):
        JsonPatch(deeper).apply({"a": {}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_what_is_added_is_there_and_what_is_removed_is_gone(document: Any, value: Any) -> None:
    holder = {"old": document}
    patched = JsonPatch([{"op": "add", "path": "/new", "value": value}, {"op": "test", "path": "/new", "value": value}]).apply(holder)
    assert equal(patched, {"old": document, "new": value})
    assert equal(JsonPatch([{"op": "remove", "path": "/new"}]).apply(patched), {"old": document})


@given(JSON)
def test_a_value_equals_itself_and_a_decimal_its_integer(value: Any) -> None:
    assert equal(value, deepcopy(value))
    assert equal(Decimal("2.0"), 2)
    assert not equal({"a": value}, {"b": value})

"""Ids that no resource can have are those of nothing, on every store: they come in URLs that nobody has checked."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.store.change import Commit, Deletion
from fhir_server.store.store import Store

ODD = ["", "a\0b", "\0", "x" * 5000, "é'\"; --"]


@pytest.mark.parametrize("id_", ODD)
def test_an_id_that_no_resource_can_have_is_deleted_as_what_is_not_there(store: Store, run: Any, id_: str) -> None:
    (result,) = run(store.commit(Commit([Deletion("Patient", id_)])))
    assert (result.status, result.stored) == ("absent", None)


@pytest.mark.parametrize("id_", ODD[1:])
def test_an_id_that_no_resource_can_have_has_no_version_and_no_history(store: Store, run: Any, id_: str) -> None:
    assert run(store.read("Patient", id_)) is None
    assert run(store.vread("Patient", id_, 1)) is None
    assert run(store.history("Patient", id_, count=10)).total == 0

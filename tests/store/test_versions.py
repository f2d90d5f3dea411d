"""Versions, deletions, history and the change sequence (https://hl7.org/fhir/R4/http.html#versions)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import decode_resource
from fhir_server.store.change import Body, Commit, Deletion
from fhir_server.store.store import Store
from tests.store.conftest import written


def test_what_was_written_is_read_as_the_bytes_that_were_written(store: Store, run: Any) -> None:
    (result,) = run(store.commit(Commit([written("Patient", "a", active=True)])))
    found = run(store.read("Patient", "a"))
    assert found == result.stored
    assert json.loads(found.content) == {
        "resourceType": "Patient", "id": "a", "meta": {"versionId": "1", "lastUpdated": found.last_updated}, "active": True,
    }  # fmt: skip


def test_an_update_makes_a_version_and_keeps_the_former(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a", active=True)])))
    (result,) = run(store.commit(Commit([written("Patient", "a", active=False)])))
    assert (result.status, result.stored.version) == ("updated", 2)
    assert b'"active":true' in run(store.vread("Patient", "a", 1)).content


def test_an_update_that_changes_nothing_makes_no_version(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a", active=True)])))
    (result,) = run(store.commit(Commit([written("Patient", "a", active=True)])))
    assert (result.status, result.stored.version) == ("unchanged", 1)


def test_a_deletion_is_a_version_without_content_and_an_update_brings_the_resource_back(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a")])))
    (deleted,) = run(store.commit(Commit([Deletion("Patient", "a")])))
    assert (deleted.status, run(store.read("Patient", "a")).deleted) == ("deleted", True)
    (back,) = run(store.commit(Commit([written("Patient", "a")])))
    assert (back.status, back.stored.version) == ("created", 3)


def test_deleting_what_is_not_there_is_no_error(store: Store, run: Any) -> None:
    (result,) = run(store.commit(Commit([Deletion("Patient", "none")])))
    assert result.status == "absent"


@pytest.mark.parametrize(("if_match", "accepted"), [(1, True), (2, False), (0, False)])
def test_if_match_lets_only_the_current_version_be_replaced(store: Store, run: Any, if_match: int, accepted: bool) -> None:
    run(store.commit(Commit([written("Patient", "a")])))
    change = Commit([written("Patient", "a", if_match=if_match, active=True)])
    if accepted:
        assert run(store.commit(change))[0].stored.version == 2
        return
    with pytest.raises(FhirError) as refused:
        run(store.commit(change))
    assert refused.value.category is Category.PRECONDITION


def test_a_commit_is_done_whole_or_not_at_all(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a")])))
    with pytest.raises(FhirError):
        run(store.commit(Commit([written("Patient", "new"), written("Patient", "a", if_match=7)])))
    assert run(store.read("Patient", "new")) is None


def test_one_refused_commit_leaves_the_others_of_its_group_alone(store: Store, run: Any) -> None:
    async def many() -> list[Any]:
        changes = [written("Patient", str(number), if_match=9 if number == 5 else None) for number in range(20)]
        return await asyncio.gather(*(store.commit(Commit([change])) for change in changes), return_exceptions=True)

    results = run(many())
    assert [isinstance(result, FhirError) for result in results] == [number == 5 for number in range(20)]
    assert all(run(store.read("Patient", str(number))) is not None for number in range(20) if number != 5)


def test_parallel_updates_with_if_match_have_exactly_one_winner(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a")])))

    async def race() -> list[Any]:
        changes = [written("Patient", "a", if_match=1, multipleBirthInteger=number) for number in range(50)]
        return await asyncio.gather(*(store.commit(Commit([change])) for change in changes), return_exceptions=True)

    assert sum(not isinstance(result, Exception) for result in run(race())) == 1


def test_history_is_newest_first_in_pages_without_gaps(store: Store, run: Any) -> None:
    for number in range(7):
        run(store.commit(Commit([written("Patient", "a", multipleBirthInteger=number), written("Observation", f"o{number}")])))
    versions, before = [], None
    while True:
        page = run(store.history("Patient", "a", count=3, before=before))
        versions += [stored.version for stored in page.versions]
        if (before := page.next) is None:
            break
    assert versions == [7, 6, 5, 4, 3, 2, 1]
    assert run(store.history("Patient", None, count=100)).total == 7
    assert run(store.history(None, None, count=100)).total == 14


def test_each_commit_has_a_later_time_than_the_one_before(store: Store, run: Any) -> None:
    """Who asks for `_lastUpdated=gt` the newest time he saw must not miss what came in the same millisecond."""
    times = [run(store.commit(Commit([written("Patient", str(number))])))[0].stored.updated for number in range(30)]
    assert times == sorted(set(times))
    assert all(time % 1000 == 0 for time in times)


def test_history_since_a_time_holds_what_came_then_and_later(store: Store, run: Any) -> None:
    results = [run(store.commit(Commit([written("Patient", str(number))])))[0].stored for number in range(4)]
    page = run(store.history(None, None, count=10, since=results[2].updated))
    assert [stored.id for stored in page.versions] == ["3", "2"]


def test_the_change_sequence_grows_with_every_change(store: Store, run: Any) -> None:
    first = run(store.newest())
    run(store.commit(Commit([written("Patient", "a"), written("Patient", "b")])))
    assert run(store.newest()) == first + 2


def test_many_rows_of_every_chunk_size_are_all_stored(store: Store, run: Any) -> None:
    changes = [written("Patient", f"p{number}", fresh=True) for number in range(333)]
    run(store.commit(Commit(list(changes))))
    assert run(store.history("Patient", None, count=1)).total == 333


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(elements=st.dictionaries(st.text("abcdefg", min_size=2, max_size=6), _json, max_size=4), tag=st.text(max_size=5))
def test_a_body_rendered_says_what_the_resource_said_with_our_version_and_time(elements: dict[str, Any], tag: str) -> None:
    resource = {"resourceType": "Basic", "id": "other", "meta": {"versionId": "99", "tag": [{"code": tag}]}, **elements}
    rendered = decode_resource(Body.of(resource, "mine").render(3, 1_700_000_000_125_000))
    meta = {"versionId": "3", "lastUpdated": "2023-11-14T22:13:20.125Z", "tag": [{"code": tag}]}
    assert rendered == resource | {"id": "mine", "meta": meta}

"""Observation/$lastn (https://hl7.org/fhir/R4/observation-operation-lastn.html)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.operations.last_observations import Observed, effective_time, groups, latest
from fhir_server.store.stored import Stored

VITAL = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}]


def observation(id_, codes, when, subject="p1", **more):
    code = {"text": codes} if isinstance(codes, str) else {"coding": [{"system": "http://example.org/o", "code": one} for one in codes]}
    time = {"effectiveDateTime": when} if when else {}
    base = {"resourceType": "Observation", "id": id_, "status": "final", "category": VITAL, "subject": {"reference": f"Patient/{subject}"}}
    return base | {"code": code} | time | more


MEASURED = [
    observation("pulse1", ["pulse"], "2024-01-01"),
    observation("pulse2", ["pulse"], "2024-03-01"),
    observation("pulse3", ["pulse"], "2024-02-01", status="entered-in-error"),
    observation("heart1", ["heart"], "2024-04-01"),
    observation("weight1", ["weight"], "2024-01-05T10:00:00Z"),
    observation("weight2", ["weight"], "2024-01-05T11:00:00+01:00"),
    observation("weight3", ["weight"], "2023-01-05"),
    observation("text1", "Humeur", "2024-01-01"),
    observation("text2", "humeur", "2024-01-02"),
    observation("undated", ["gait"], None),
    observation("other", ["pulse"], "2025-01-01", subject="p2"),
]
JOINING = observation("both", ["pulse", "heart"], "2020-01-01")


@pytest.fixture
def measured(client):
    for one in MEASURED:
        assert client.put(f"/Observation/{one['id']}", one).status_code == 201
    return client


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [one["resource"]["id"] for one in answer.json().get("entry", ()) if one["search"]["mode"] == "match"]


ASKED = "/Observation/$lastn?patient=p1&category=vital-signs"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", {"heart1", "pulse2", "weight1", "weight2", "text1", "text2", "undated"}),
        ("&max=2", {"heart1", "pulse2", "pulse3", "weight1", "weight2", "text1", "text2", "undated"}),
        ("&max=3", {one["id"] for one in MEASURED} - {"other"}),
        ("&max=2&status=final", {"heart1", "pulse2", "pulse1", "weight1", "weight2", "text1", "text2", "undated"}),
        ("&date=lt2024-02-15", {"pulse3", "weight1", "weight2", "text1", "text2"}),
        ("&code=weight", {"weight1", "weight2"}),
    ],
)
def test_the_latest_of_each_kind_come_and_those_of_the_same_time(measured, question, expected):
    assert set(ids(measured.get(ASKED + question))) == expected


def test_the_most_recent_comes_first_and_what_has_no_time_last(measured):
    assert ids(measured.get(ASKED + "&max=1"))[:2] == ["heart1", "pulse2"]
    assert ids(measured.get(ASKED))[-1] == "undated"


def test_codes_that_one_observation_has_together_are_one_kind(measured):
    measured.put("/Observation/both", JOINING)
    assert {"pulse2", "heart1"} & set(ids(measured.get(ASKED))) == {"heart1"}


def test_it_may_be_asked_by_subject_and_code_by_post_and_by_form(measured):
    parts = [{"name": "subject", "valueString": "Patient/p1"}, {"name": "code", "valueString": "pulse"}, {"name": "max", "valueInteger": 1}]
    assert ids(measured.post("/Observation/$lastn", {"resourceType": "Parameters", "parameter": parts})) == ["pulse2"]
    form = {"patient": "p1", "code": "pulse"}
    assert ids(measured.request("POST", "/Observation/$lastn", data=form)) == ["pulse2"]


def test_none_is_an_empty_searchset(client):
    answer = client.get("/Observation/$lastn?patient=p9&code=x").json()
    assert (answer["type"], answer["total"], "entry" in answer) == ("searchset", 0, False)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("category=vital-signs", "'patient' or 'subject'"),
        ("patient=p1", "'category' or 'code'"),
        ("patient=p1&code=x&max=0", "max"),
        ("patient=p1&code=x&max=many", "max"),
        ("patient=p1&code=x&_sort=date", "_sort"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client, issue_of, question, part):
    answer = client.get(f"/Observation/$lastn?{question}")
    assert answer.status_code == 400
    assert part in issue_of(answer)["diagnostics"]


def test_a_parameter_that_is_not_understood_is_told_or_refused(measured):
    assert any(one["search"]["mode"] == "outcome" for one in measured.get(ASKED + "&shoe=1").json()["entry"])
    assert measured.get(ASKED + "&shoe=1", prefer="handling=strict").status_code == 400


def test_too_many_observations_are_refused(measured, monkeypatch, issue_of):
    monkeypatch.setattr("fhir_server.operations.last_observations.MAX_OBSERVATIONS", 3)
    answer = measured.get(ASKED)
    assert (answer.status_code, issue_of(answer)["code"]) == (413, "too-costly")


@pytest.mark.parametrize(
    ("effective", "same_as"),
    [
        ({"effectiveInstant": "2024-01-02T00:00:00Z"}, "2024-01-02T00:00:00Z"),
        ({"effectivePeriod": {"start": "2024-01-01", "end": "2024-01-02"}}, "2024-01-02"),
        ({"effectivePeriod": {"start": "2024-01-01"}}, "2024-01-01"),
        ({"effectiveTiming": {"event": ["2024-01-01", "2024-01-03"]}}, "2024-01-03"),
    ],
)
def test_the_time_of_an_observation(effective, same_as):
    assert effective_time(effective) == effective_time({"effectiveDateTime": same_as})


def test_an_observation_without_a_time_has_none():
    assert effective_time({}) is None


def observed(number, time, keys):
    return Observed(Stored("Observation", f"o{number}", 1, 0, "PUT", b"{}", number), time, tuple(("s", key) for key in keys))


KEYS = st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)
OBSERVED = st.lists(st.tuples(st.none() | st.integers(0, 5), KEYS), max_size=12).map(
    lambda rows: [observed(number, *row) for number, row in enumerate(rows)]
)


@given(OBSERVED)
def test_each_observation_is_in_one_group_and_no_two_groups_share_a_code(found):
    made = groups(found)
    assert sorted(one.stored.id for group in made for one in group) == sorted(one.stored.id for one in found)
    codes = [{key for one in group for key in one.keys} for group in made]
    assert sum(map(len, codes)) == len(set().union(*codes))


@given(OBSERVED, st.integers(1, 4))
def test_nothing_left_out_is_as_recent_as_what_is_kept(found, most):
    kept = latest(found, most)
    left = [one for one in found if one not in kept]
    assert len(kept) >= min(most, len(found))
    assert all((one.time or -1) < (other.time if other.time is not None else 99) or one.time is None for one in left for other in kept)

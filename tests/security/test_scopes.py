"""SMART scopes: what is read, what is dropped, and that narrowing never widens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.security.scope import ALL_PERMISSIONS, Scope
from fhir_server.security.scopes import MOST_CHARACTERS, narrowed, read_scope, read_scopes, write_scope, write_scopes


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("patient/Observation.rs", Scope("patient", "Observation", frozenset("rs"))),
        ("user/*.cruds", Scope("user", "*", ALL_PERMISSIONS)),
        ("system/Patient.read", Scope("system", "Patient", frozenset("rs"))),
        ("system/Patient.write", Scope("system", "Patient", frozenset("cud"))),
        ("system/*.*", Scope("system", "*", ALL_PERMISSIONS)),
        (
            "patient/Observation.rs?category=http://loinc.org%7Cx&code=a",
            Scope("patient", "Observation", frozenset("rs"), (("category", "http://loinc.org|x"), ("code", "a"))),
        ),
    ],
)
def test_both_versions_are_read(word, expected):
    assert read_scope(word) == expected


@pytest.mark.parametrize(
    "word",
    [
        "patient/Observation.sr", "patient/Observation.rr", "patient/Observation.", "patient/Observation", "practitioner/Patient.rs",
        "system/patient.rs", "system/Patient.rsx", "system/Patient.read?a=b", "system/Patient.rs?", "system/Patient.rs?a",
        "system/Patient.rs?a=",
        "system/Patient.rs?a=%ff", "SYSTEM/Patient.rs", "system/Patient.READ", "system/Patient.rs\n", "system/**.rs",
    ],
)  # fmt: skip
def test_what_smart_does_not_write_so_is_no_scope(word):
    assert read_scope(word) is None


def test_a_list_names_what_it_drops_and_passes_over_what_is_not_about_resources():
    read = read_scopes("openid fhirUser launch/patient offline_access system/Patient.rs system/Patient.sr system/Patient.rs nonsense")
    assert read.scopes == (Scope("system", "Patient", frozenset("rs")),)
    assert read.unknown == ("system/Patient.sr", "nonsense")


def test_a_list_that_is_too_long_gives_nothing():
    assert read_scopes("system/Patient.rs " * MOST_CHARACTERS).scopes == ()


SCOPES = st.builds(
    Scope,
    st.sampled_from(["patient", "user", "system"]),
    st.sampled_from(["*", "Patient", "CarePlan"]),
    st.frozensets(st.sampled_from(sorted(ALL_PERMISSIONS)), min_size=1),
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text("x |&=%é?", min_size=1, max_size=3)), max_size=2, unique=True).map(tuple),
)


@given(st.lists(SCOPES, max_size=5))
def test_what_is_written_is_read_again(scopes):
    assert read_scopes(write_scopes(scopes)).scopes == tuple(dict.fromkeys(scopes))


@pytest.mark.parametrize(
    ("asked", "registered", "granted"),
    [
        ("system/*.cruds", "system/Patient.rs system/CarePlan.r", "system/Patient.rs system/CarePlan.r"),
        ("system/Patient.rs", "system/*.cruds", "system/Patient.rs"),
        ("system/Patient.cruds", "system/Patient.rs?active=true", "system/Patient.rs?active=true"),
        ("system/Patient.rs?gender=male", "system/*.rs?active=true", "system/Patient.rs?active=true&gender=male"),
        ("user/Patient.rs", "system/*.cruds", ""),
        ("system/Patient.d", "system/Patient.rs", ""),
        ("system/*.rs system/Patient.r", "system/*.cruds", "system/*.rs"),
    ],
)
def test_narrowing(asked, registered, granted):
    assert write_scopes(narrowed(read_scopes(asked).scopes, read_scopes(registered).scopes)) == granted


def allowed(scopes, context, type_name, permission, filters):
    return any(s.context == context and s.covers(type_name, permission) and set(s.filters) <= set(filters) for s in scopes)


@given(st.lists(SCOPES, max_size=4), st.lists(SCOPES, max_size=4), SCOPES)
def test_a_narrowed_scope_allows_what_both_allow_and_nothing_else(asked, registered, probe):
    both = narrowed(asked, registered)
    for permission in probe.permissions:
        question = (probe.context, probe.type, permission, probe.filters)
        if probe.type != "*":
            assert allowed(both, *question) == (allowed(asked, *question) and allowed(registered, *question))


def test_letters_are_written_in_their_order():
    assert write_scope(Scope("system", "*", ALL_PERMISSIONS)) == "system/*.cruds"

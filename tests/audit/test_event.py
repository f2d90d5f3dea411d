"""Entries of the trail as AuditEvents: valid against R4, and against the profiles of BALP that they claim."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fhir_server.audit.event import ERASED, audit_event
from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, Definitions, load_definitions
from fhir_server.store.audit import AuditEntry, AuditRecord
from fhir_server.validation import Validator

BASE = "https://fhir.example.org/fhir"
PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."


def entry(interaction: str, action: Any, **more: Any) -> AuditEntry:
    """By a nurse at work, of one observation of one patient."""
    given: dict[str, Any] = {
        "subject": "8100123", "client": "app", "name": "Léa Roy", "actors": (("Practitioner", "p"), ("Organization", "o")), "tenant": "chu",
        "purpose": "TREAT", "address": "192.0.2.7", "request_id": "r-1", "method": "GET", "route": "/{type}/{id}",
        "entities": (("Observation", "o1", 2),), "patients": ("a",),
    }  # fmt: skip
    return AuditEntry(1_767_323_045_000_000, interaction, action, **(given | more))


def event(one: AuditEntry, *, erased: bool = False) -> dict[str, Any]:
    return audit_event(AuditRecord(0xABC, 7, one, b"", erased), BASE)


SEARCH = {"entities": (("Observation", "o1", 1), ("Observation", "o2", 4)), "query": "code=718-7&subject=Patient/a"}
CASES = [
    (entry("read", "R"), "PatientRead"),
    (entry("vread", "R", patients=()), "Read"),
    (entry("read", "R", actors=()), "PatientRead"),
    (entry("create", "C"), "PatientCreate"),
    (entry("update", "U"), "PatientUpdate"),
    (entry("patch", "U", patients=()), "Update"),
    (entry("delete", "D"), "PatientDelete"),
    (entry("search-type", "E", **SEARCH), "PatientQuery"),
    (entry("search-system", "E", **(SEARCH | {"patients": ("a", "b")})), "Query"),
    (entry("search-type", "E", **(SEARCH | {"query": ""})), "PatientQuery"),
    (entry("read", "R", outcome=4, about="forbidden"), ""),
    (entry("read", "R", address=""), ""),
    (entry("$everything", "E", entities=()), ""),
    (entry("$everything", "E", reason="urgence", purpose="BTG"), ""),
    (entry("transaction", "U", entities=(("Patient", "a", 1), ("Observation", "b", 1))), ""),
    (entry("history-instance", "R"), ""),
    (entry("$person-erase", "D", method="", route="", address="", request_id=""), ""),
    (AuditEntry(1, "read", "R", 4), ""),
]


@pytest.mark.parametrize(("one", "profile"), CASES)
def test_it_claims_the_profile_that_it_has_everything_for(one: AuditEntry, profile: str) -> None:
    claimed = event(one)["meta"].get("profile", [])
    assert claimed == ([PROFILE + profile] if profile else [])


@pytest.mark.parametrize("one", [one for one, _ in CASES])
def test_it_is_valid_against_r4(one: AuditEntry, r4: Validator) -> None:
    assert [str(issue) for issue in r4.validate(event(one)) if issue.is_error] == []


@pytest.mark.parametrize("one", [one for one, profile in CASES if profile])
def test_it_is_valid_against_the_profile_of_balp(one: AuditEntry, balp: Validator) -> None:
    made = event(one)
    issues = balp.validate(made, made["meta"]["profile"][0])
    assert [str(issue) for issue in issues if issue.is_error] == []


def test_the_profiles_are_really_checked(balp: Validator) -> None:
    made = event(entry("read", "R"))
    made["agent"] = made["agent"][1:]
    assert any(issue.is_error for issue in balp.validate(made, made["meta"]["profile"][0]))


def test_the_text_of_a_search_is_there_until_it_is_erased() -> None:
    searched = entry("search-type", "E", **SEARCH)
    (query,) = (one for one in event(searched)["entity"] if "query" in one)
    assert base64.b64decode(query["query"]).decode() == SEARCH["query"]
    erased = event(msgspec.structs.replace(searched, query=None), erased=True)
    assert [one["description"] for one in erased["entity"] if "description" in one] == [ERASED]


def test_who_is_asked_by_what_he_is_in_the_record_or_by_his_identifier() -> None:
    known, unknown = event(entry("read", "R"))["agent"][2], event(entry("read", "R", actors=()))["agent"][2]
    assert known["who"] == {"reference": "Practitioner/p", "display": "Léa Roy"}
    assert unknown["who"] == {"identifier": {"value": "8100123"}, "display": "Léa Roy"}


@pytest.fixture(scope="module")
def r4(definitions: Definitions) -> Validator:
    return Validator(definitions)


@pytest.fixture(scope="module")
def balp(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Validator:
    cache = PackageCache(tmp_path_factory.mktemp("packages"))
    core = "#".join(CORE)
    (cache.root / core).symlink_to(PackageCache().root / core, target_is_directory=True)
    archive = test_data / "fhir-packages" / "ihe.iti.balp-1.1.4.tgz"
    return Validator(load_definitions([], [archive], cache))

"""Erasing a person takes every version of what is theirs alone and nothing else; the history says so and the audit chain holds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from fhir_server.assembly import Parts
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.rights.dossier import Dossier, dossier
from fhir_server.rights.erasure import erase_person, erase_resources
from fhir_server.rights.export import PersonExport
from fhir_server.rights.retention import due, rules
from fhir_server.store.audit import AuditSearch
from fhir_server.store.job import Job
from fhir_server.store.outbox import OutboxFilter
from tests.rights.conftest import KEPT, SECRET

MOMENT = 1_767_225_600_000_000
OURS = {("Patient", "a"), ("Observation", "o"), ("Task", "t"), ("DocumentReference", "d"), ("Binary", "file"), ("Condition", "moved"),
    ("Flag", "gone"), ("Group", "g")}  # fmt: skip


@pytest.fixture
def found(parts: Parts, run: Callable[[Any], Any]) -> Dossier:
    return run(dossier(parts.interactions, "a"))


@pytest.fixture
def erased(parts: Parts, found: Dossier, run: Callable[[Any], Any]) -> Dossier:
    texts = run(erase_person(parts.interactions, found, "Dr DPO", "asked by letter", MOMENT))
    assert texts == 1
    return found


def rows(url: str) -> bytes:
    """Every value of every row of every table, one behind the other."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            tables = [one[0] for one in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            values = [value for table in tables for row in connection.execute(f'SELECT * FROM "{table}"') for value in row]
        return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in values)

    async def work() -> bytes:
        connection = await asyncpg.connect(url)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        values = [value for table in tables for row in await connection.fetch(f'SELECT * FROM "{table[0]}"') for value in row]
        await connection.close()
        return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in values)

    return asyncio.run(work())


def holds(content: bytes, text: str) -> bool:
    """As written, folded by the full-text index, or in Base64."""
    return any(one in content for one in (text.encode(), text.lower().encode(), b"Wnl4c2VjcmV0enl4"))


def test_the_dossier_has_all_that_is_the_persons_in_every_version(found: Dossier) -> None:
    held = {(one.type, one.id): one for one in found.held}
    assert held.keys() == OURS
    assert (held["Observation", "o"].own, held["Observation", "o"].ends) == ((1, 2), True)
    assert (held["Condition", "moved"].own, held["Condition", "moved"].ends) == ((1,), False)
    assert (held["Flag", "gone"].own, held["Flag", "gone"].ends) == ((1,), False)
    assert (held["Group", "g"].own, held["Group", "g"].shared) == ((), (1,))
    assert found.mentions == (("List", "l"),)
    assert len(found.messages) == 1


def test_after_erasure_no_live_row_holds_what_was_the_persons(
    parts: Parts, found: Dossier, database_url: str, run: Callable[[Any], Any]
) -> None:
    assert holds(rows(database_url), SECRET)
    run(erase_person(parts.interactions, found, "Dr DPO", "asked by letter", MOMENT))
    content = rows(database_url)
    assert not holds(content, SECRET)
    assert KEPT.encode() in content


def test_after_vacuum_the_file_itself_holds_nothing(parts: Parts, erased: Dossier, database_url: str, run: Callable[[Any], Any]) -> None:
    run(parts.store.erasures.cleanse(vacuum=True))
    if database_url.startswith("postgresql"):
        return  # whose files are the cluster's
    file = Path(database_url.removeprefix("sqlite:///"))
    assert not any(holds(one.read_bytes(), SECRET) for one in file.parent.glob(file.name + "*"))
    assert any(KEPT.encode() in one.read_bytes() for one in file.parent.glob(file.name + "*"))


def test_the_history_says_what_was_erased_when_and_on_whose_order(parts: Parts, erased: Dossier, run: Callable[[Any], Any]) -> None:
    told = "The content was erased on 2026-01-01T00:00:00.000Z on the order of Dr DPO."
    for asked in (parts.interactions.vread("Observation", "o", "1"), parts.interactions.read("Observation", "o")):
        with pytest.raises(FhirError, match=told) as refusal:
            run(asked)
        assert refusal.value.category is Category.GONE
    with pytest.raises(FhirError, match="is its deletion"):
        run(parts.interactions.vread("Observation", "o", "3"))
    history = run(parts.store.history("Observation", "o", count=9)).versions
    assert [(one.version, one.method, one.content) for one in history] == [(3, "DELETE", None), (2, "PUT", None), (1, "PUT", None)]


def test_what_is_others_too_is_kept(parts: Parts, erased: Dossier, run: Callable[[Any], Any]) -> None:
    for type_name, id_ in (("Group", "g"), ("List", "l"), ("Condition", "moved"), ("Observation", "other"), ("Patient", "ab")):
        assert KEPT.encode() in run(parts.interactions.read(type_name, id_)).content
    with pytest.raises(FhirError, match="was erased"):
        run(parts.interactions.vread("Condition", "moved", "1"))
    (kept,) = [row for row in run(parts.store.inbox.find()) if row.raw]
    assert KEPT.encode() in kept.raw


def test_a_message_about_the_person_that_waits_is_not_sent_any_more(parts: Parts, erased: Dossier, run: Callable[[Any], Any]) -> None:
    rows = run(parts.store.outbox.find(OutboxFilter()))
    assert [(row.status, row.body) for row in rows] == [("dead", b""), ("waiting", KEPT.encode())]


def test_what_was_written_since_the_person_was_looked_for_goes_too(parts: Parts, found: Dossier, run: Callable[[Any], Any]) -> None:
    late = {"resourceType": "Observation", "id": "late", "status": "final", "code": {"text": SECRET}, "subject": {"reference": "Patient/a"}}
    run(parts.interactions.update("Observation", "late", late))
    run(parts.interactions.update("Observation", "o", late | {"id": "o"}))
    run(erase_person(parts.interactions, found, "Dr DPO", "asked", MOMENT))
    for id_, version in (("late", "1"), ("o", "3")):
        with pytest.raises(FhirError, match="was erased"):
            run(parts.interactions.vread("Observation", id_, version))


def test_nothing_erased_is_found_by_a_search(parts: Parts, erased: Dossier, run: Callable[[Any], Any]) -> None:
    for type_name, pair in (("Patient", ("family", SECRET)), ("Observation", ("subject", "Patient/a")), ("Task", ("_content", SECRET))):
        assert run(parts.interactions.search(type_name, [pair], tolerant=True)).matches == []


def test_the_order_is_in_the_audit_trail_without_content_and_the_chain_holds(
    parts: Parts, erased: Dossier, run: Callable[[Any], Any]
) -> None:
    (newest, *_) = run(parts.store.audit.page(AuditSearch(), 9)).records
    entry = newest.entry
    assert (entry.interaction, entry.subject, entry.reason, entry.patients) == ("$person-erase", "Dr DPO", "asked by letter", ("a",))
    assert {(type_, id_) for type_, id_, _ in entry.entities} == OURS - {("Group", "g")}
    assert run(parts.store.audit.verify()).faults == ()


def test_files_of_asynchronous_requests_go_too(parts: Parts, found: Dossier, run: Callable[[Any], Any]) -> None:
    async def story() -> Any:
        await parts.store.jobs.add(Job("j" * 32, "request", b"?", "done", "", 0, 1, 1, MOMENT * 2))
        await parts.store.jobs.append("j" * 32, "answer", 0, SECRET.encode())
        await erase_person(parts.interactions, found, "x", "y", MOMENT)
        return await parts.store.jobs.part("j" * 32, "answer", 0), await parts.store.jobs.read("j" * 32, MOMENT)

    assert run(story()) == (None, None)


def test_an_erased_person_is_not_there_to_be_erased_again_and_the_id_can_be_used_anew(
    parts: Parts, erased: Dossier, run: Callable[[Any], Any]
) -> None:
    with pytest.raises(FhirError, match="has been erased"):
        run(dossier(parts.interactions, "a"))
    outcome = run(parts.interactions.update("Patient", "a", {"resourceType": "Patient", "id": "a", "active": True}))
    assert outcome.stored.version == 3
    assert {(one.type, one.own) for one in run(dossier(parts.interactions, "a")).held if one.own} == {("Patient", (3,))}


def test_an_export_has_every_version_what_is_named_and_who_saw_it(
    parts: Parts, found: Dossier, tmp_path: Path, run: Callable[[Any], Any]
) -> None:
    folder = tmp_path / "out"
    counts = run(PersonExport(parts.interactions, found, folder, "https://fhir.example.org/fhir").run())
    assert counts["versions/Observation.ndjson"] == 2
    assert (counts["current/Observation.ndjson"], counts["versions/Flag.ndjson"], counts["named/Practitioner.ndjson"]) == (1, 1, 1)
    assert "current/Flag.ndjson" not in counts
    everything = b"".join(one.read_bytes() for one in folder.rglob("*.ndjson"))
    assert everything.count(KEPT.encode()) == 1, "the practitioner's name, and nothing of others"
    (event,) = map(decode_json, (folder / "access-history.ndjson").read_bytes().splitlines())
    assert event["resourceType"] == "AuditEvent"
    page = (folder / "index.html").read_text("utf-8")
    assert "Léa &lt;Roy&gt;" in page
    assert "Group/g" in page
    with pytest.raises(FhirError, match="is not empty"):
        run(PersonExport(parts.interactions, found, folder, "").run())


@pytest.mark.parametrize(
    ("given", "persons", "resources"),
    [
        ({"Patient.deceased": "10y"}, ("a",), 0),
        ({"Patient.deceased": "50y"}, (), 0),
        ({"Task": "0d"}, (), 1),
        ({"Task": "30d"}, (), 0),
    ],
)
def test_rules_of_retention(
    parts: Parts, run: Callable[[Any], Any], given: dict[str, str], persons: tuple[str, ...], resources: int
) -> None:
    moment = run(parts.store.read("Task", "t")).updated + 1_000_000
    (one,) = run(due(parts.interactions, rules(given, moment, frozenset(parts.definitions.schema.resource_types))))
    assert (one.persons, len(one.resources)) == (persons, resources)
    run(erase_resources(parts.interactions, one.resources, "retention", "rule", moment))
    if resources:
        with pytest.raises(FhirError, match="was erased"):
            run(parts.interactions.vread("Task", "t", "1"))


def test_a_person_goes_when_the_last_episode_of_care_ended_long_ago(parts: Parts, run: Callable[[Any], Any]) -> None:
    async def episode(id_: str, person: str, **period: str) -> None:
        resource = {"resourceType": "EpisodeOfCare", "id": id_, "status": "finished", "patient": {"reference": f"Patient/{person}"}}
        await parts.interactions.update("EpisodeOfCare", id_, {**resource, "period": period})

    run(episode("1", "a", start="1990", end="1991"))
    run(episode("2", "ab", start="1990", end="1991"))
    run(episode("3", "ab", start="2025"))
    wanted = rules({"EpisodeOfCare.end": "20y"}, MOMENT, frozenset(parts.definitions.schema.resource_types))
    assert [one.persons for one in run(due(parts.interactions, wanted))] == [("a",)]


@pytest.mark.parametrize("given", [{"Patient": "10y"}, {"Nothing": "10y"}, {"Task": "soon"}])
def test_a_rule_that_cannot_be_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(FhirError, match="retention"):
        rules(given, MOMENT, frozenset(["Task", "Patient"]))

"""Who a professional is in the record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fhir_server.known_actors import known_actors
from fhir_server.security.issuer import IDNAT_PS, RPPS

NOW = datetime.now(UTC)
YESTERDAY, TODAY, TOMORROW = ((NOW + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1))


class Record:
    """An endpoint that finds what it was told to, and remembers what it was asked."""

    def __init__(self, practitioners: list[dict[str, Any]], roles: list[dict[str, Any]] | None = None):
        self.found = {"Practitioner": practitioners, "PractitionerRole": roles or []}
        self.asked: list[tuple[str, Any]] = []

    async def search(self, type_name: str, parameters: Any) -> list[dict[str, Any]]:
        self.asked.append((type_name, parameters))
        return [{"resourceType": type_name, **one} for one in self.found[type_name]]


def found(record: Record, run: Any) -> Any:
    return run(known_actors(record)(((IDNAT_PS, "42"), (RPPS, "7"))))  # type: ignore[arg-type]


def test_any_of_the_identifiers_suffices(run):
    record = Record([{"id": "p"}])
    assert found(record, run) == {("Practitioner", "p")}
    assert record.asked == [
        ("Practitioner", [("identifier", f"{IDNAT_PS}|42,{RPPS}|7")]), ("PractitionerRole", [("practitioner", "Practitioner/p")]),
    ]  # fmt: skip


def test_who_is_not_in_the_record_or_no_longer_active_is_nobody(run):
    assert found(Record([]), run) == frozenset()
    assert found(Record([{"id": "p", "active": False}], [{"id": "r"}]), run) == frozenset()


def test_roles_count_while_they_last(run):
    roles = [
        {"id": "open"}, {"id": "now", "period": {"start": YESTERDAY, "end": TOMORROW}}, {"id": "today", "period": {"end": TODAY}},
        {"id": "over", "period": {"end": YESTERDAY}}, {"id": "to-come", "period": {"start": TOMORROW}}, {"id": "off", "active": False},
    ]  # fmt: skip
    lasting = {("PractitionerRole", id_) for id_ in ("open", "now", "today")}
    assert found(Record([{"id": "p"}], roles), run) == {("Practitioner", "p"), *lasting}

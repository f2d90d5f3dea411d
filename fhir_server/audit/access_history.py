"""Who saw or changed what of a person, when and why: the entries of the trail in words that the person understands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_server.store.audit import AuditEntry, AuditRecord, Position

MOST_THINGS = 20
"""So many kinds of things are named for one access; the AuditEvent has all."""


@dataclass(frozen=True, slots=True)
class Access:
    """One access, told: `when` in microseconds, `who` and `what` in the reader's language, `why` empty where nothing was said."""

    id: str
    when: int
    who: str
    by: str
    did: str
    what: tuple[str, ...]
    why: str
    refused: bool


def accesses(records: Sequence[AuditRecord], language: str) -> list[Access]:
    """The records told in `fr` or `en`."""
    words = _words(language)
    return [_access(record, words) for record in records]


def _access(record: AuditRecord, words: Mapping[str, Any]) -> Access:
    entry = record.entry
    who = entry.name or entry.subject or words["unknown"]
    return Access(
        record.id, entry.recorded, who, entry.client, _did(entry, words), _what(entry, words), _why(entry, words), bool(entry.outcome)
    )


def _did(entry: AuditEntry, words: Mapping[str, Any]) -> str:
    did: str = words["interactions"].get(entry.interaction.removeprefix("$")) or words["actions"][entry.action]
    return did if entry.outcome == 0 else words["refused"].format(did=did)


def _what(entry: AuditEntry, words: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of things, each once, in the order they came."""
    kinds = dict.fromkeys(words["types"].get(type_, type_) for type_, _, _ in entry.entities)
    return tuple(kinds)[:MOST_THINGS]


def _why(entry: AuditEntry, words: Mapping[str, Any]) -> str:
    purpose = words["purposes"].get(entry.purpose, entry.purpose) if entry.purpose else ""
    return ", ".join(part for part in (purpose, entry.reason or "") if part)


def position_text(position: Position) -> str:
    """A place in the trail as it stands in a next link."""
    return "-".join(f"{one:x}" for one in position)


def position_of(text: str) -> Position | None:
    """What `position_text` made; None where it is something else."""
    parts = text.split("-")
    try:
        recorded, chain, number = (int(part, 16) for part in parts)
    except ValueError:
        return None
    return (recorded, chain, number) if all(0 <= one < 2**63 for one in (recorded, chain, number)) else None


@cache
def _words(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((files(__package__) / "words" / f"{language}.json").read_text("utf-8"))
    return found

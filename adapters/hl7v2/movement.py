"""The log of a stay's movements: every word that came about one, kept on the Encounter (extension encounter-movement).

A movement is ZBE-1 within its visit, together with what it does (some senders number an admission and its discharge alike). A word
inserts, updates or cancels it. The log only grows, and what counts is read from it in the order in which the sender recorded the words
(EVN-2), so it does not matter in which order they arrive or how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from adapters.hl7v2.trigger import Kind, movement_action, movement_kind

MOVEMENT = "https://passerelle.care/fhir/StructureDefinition/encounter-movement"
RANK = {"INSERT": 0, "UPDATE": 1, "CANCEL": 2}
NEARER = {Kind.ADMISSION: "admission", Kind.DISCHARGE: "discharge"}
Part = dict[str, Any]
Identity = tuple[str, str, Kind]


@dataclass(frozen=True, slots=True)
class Word:
    """What one message said of one movement; `parts` are the sub-extensions as they are kept, `said` their values by name."""

    identity: Identity
    event: str
    action: str
    recorded: datetime
    parts: tuple[Part, ...]

    def is_repeated_by(self, other: Word) -> bool:
        """An insertion recorded at the same moment is the same one; of corrections, only one that says the same."""
        if (self.identity, self.action, self.recorded) != (other.identity, other.action, other.recorded):
            return False
        return self.action != "UPDATE" or self.parts == other.parts

    def extension(self) -> dict[str, Any]:
        return {"url": MOVEMENT, "extension": list(self.parts)}


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement as all words about it leave it. Values are by the names of the sub-extensions, `attending` a list."""

    identity: Identity
    recorded: datetime
    cancelled: bool
    said: Mapping[str, Any]

    @property
    def kind(self) -> Kind:
        return self.identity[2]

    @property
    def start(self) -> str | None:
        """When it happened, as it was sent: of an admission PV1-44, of a discharge PV1-45, else ZBE-2 or EVN-6."""
        found: str | None = self.said.get(NEARER.get(self.kind, "start")) or self.said.get("start")
        return found

    @property
    def began(self) -> datetime:
        """When it happened, to put movements in order: one without a time when it was recorded."""
        return moment(self.start) if self.start else self.recorded


def words(encounter: Mapping[str, Any]) -> list[Word]:
    """The words that an Encounter keeps, in the order in which they came."""
    extensions = (one for one in encounter.get("extension", []) if one.get("url") == MOVEMENT)
    return [found for one in extensions if (found := _word(one.get("extension", []))) is not None]


def _word(parts: list[Part]) -> Word | None:
    said = _said(parts)
    event, original = said.get("event", ""), said.get("originalEvent", "")
    kind = movement_kind(event, original)
    if kind is None:
        return None
    identifier = said.get("identifier", {})
    action = movement_action(event, said.get("action", ""))
    identity = (identifier.get("system", ""), identifier.get("value") or said.get("start", ""), kind)
    return Word(identity, event, action, moment(said.get("recorded", "")), tuple(parts))


def _said(parts: Iterable[Part]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for part in parts:
        value = next((one for name, one in part.items() if name.startswith("value")), None)
        if part["url"] == "attending":
            said.setdefault("attending", []).append(value)
        else:
            said[part["url"]] = value
    return said


def movements(log: Iterable[Word]) -> list[Movement]:
    """What the words of a log come to, one for each movement."""
    ordered = sorted(log, key=lambda word: (word.identity, word.recorded, RANK.get(word.action, 0)))
    return [_told(identity, list(group)) for identity, group in groupby(ordered, key=lambda word: word.identity)]


def _told(identity: Identity, told: list[Word]) -> Movement:
    """Later words go over earlier ones, part by part; an insertion after a cancellation makes the movement anew."""
    said: dict[str, Any] = {}
    cancelled = False
    for word in told:
        if word.action == "CANCEL":
            cancelled = True
        elif word.action == "INSERT" or not cancelled:
            said = _over({} if cancelled else said, _said(word.parts), identity[2])
            cancelled = False
    return Movement(identity, told[-1].recorded, cancelled, said or _said(told[-1].parts))


def _over(before: dict[str, Any], said: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """A word over earlier ones. Another ZBE-2 alone corrects the time: a PV1-44 or PV1-45 of before must not outlive it."""
    corrected = "start" in said and said["start"] != before.get("start")
    outlived = NEARER.get(kind) if corrected else None
    return {**{name: value for name, value in before.items() if name != outlived}, **said}


@lru_cache(maxsize=4096)
def moment(value: str) -> datetime:
    """A FHIR date or dateTime of any precision as the first moment it may mean; without an offset in UTC."""
    if not value:
        return datetime.min.replace(tzinfo=UTC)
    filled = value + "0001-01-01"[len(value) :] if len(value) < 10 else value
    found = datetime.fromisoformat(filled)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

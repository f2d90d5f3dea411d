"""What is noted of one request while it is answered, and the entries of the trail that come of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from fhir_server.search.sight.grant import BREAK_GLASS
from fhir_server.search.sight.marks import ABOUT, NO_PERSON
from fhir_server.security.caller import Caller
from fhir_server.store.audit import Action, AuditEntry, Entity, Outcome
from fhir_server.store.change import Change, Deletion, Write
from fhir_server.store.stored import Stored

MOST_ENTITIES = 100
"""Resources that an entry names; of an answer with more it names the persons only."""

_LOOKED_THROUGH = 2**18
"""Bytes of a resource in which persons are looked for: what is larger is a document or an image, and has them in front."""

_PERSON = b"Patient/"
_ID = re.compile(rb"[A-Za-z0-9\-.]{1,64}")
_ACTIONS: dict[str, Action] = {"create": "C", "update": "U", "patch": "U", "delete": "D", "read": "R", "vread": "R"}


@dataclass(slots=True)
class Note:
    """`head` is what is known of the request before it is answered; what was seen is added while it is. `is_told` once a commit took
    an entry along."""

    head: AuditEntry
    entities: dict[tuple[str, str], int] = field(default_factory=dict)
    patients: dict[str, None] = field(default_factory=dict)
    is_told: bool = False

    def is_a(self, interaction: str) -> None:
        """What is asked for, where the route does not tell."""
        self.head = msgspec.structs.replace(self.head, interaction=interaction)

    def asks(self, query: str) -> None:
        """The search as it was asked, wherever its parameters stood."""
        self.head = msgspec.structs.replace(self.head, query=query)

    def explains(self, reason: str) -> None:
        """Why access outside the circle is asked for."""
        self.head = msgspec.structs.replace(self.head, reason=reason, purpose=BREAK_GLASS)

    def saw(self, found: Iterable[Stored]) -> None:
        """These versions are shown to who asks."""
        for stored in found:
            self.entities[stored.type, stored.id] = stored.version
            self.patients |= dict.fromkeys(_persons_in(stored))

    def concerns(self, found: Iterable[Stored]) -> None:
        """What is shown belongs to the persons of these, though it does not say so itself."""
        for stored in found:
            self.patients |= dict.fromkeys(_persons_in(stored))

    def of_commit(self, changes: list[Change], gone: Iterable[Stored]) -> AuditEntry:
        """What is committed with these changes, which delete what is `gone`; the versions are filled in by the store."""
        persons = dict.fromkeys(person for one in changes if isinstance(one, Write) for person in _persons_of(one))
        persons |= dict.fromkeys(person for one in gone for person in _persons_in(one))
        interaction = self._interaction(changes)
        entities: tuple[Entity, ...] = tuple((one.type, one.id, None) for one in changes[:MOST_ENTITIES])
        return self._entry(interaction, entities, tuple(persons))

    def of_answer(self, outcome: Outcome = 0, about: str = "", target: tuple[str, str] | None = None) -> AuditEntry:
        """What is recorded before an answer that changed nothing goes out; a refusal names what was asked for."""
        if outcome or len(self.entities) > MOST_ENTITIES:
            entities: tuple[Entity, ...] = ((*target, None),) if outcome and target else ()
        else:
            entities = tuple([(type_, id_, version) for (type_, id_), version in self.entities.items()])
        return self._entry(self.head.interaction, entities, tuple(self.patients), outcome, about)

    def _interaction(self, changes: list[Change]) -> str:
        if len(changes) != 1 or self.head.interaction in ("transaction", "patch"):
            return self.head.interaction
        if isinstance(changes[0], Deletion):
            return "delete"
        return "create" if isinstance(changes[0], Write) and changes[0].fresh else "update"

    def _entry(
        self, interaction: str, entities: tuple[Entity, ...], patients: tuple[str, ...], outcome: Outcome = 0, about: str = ""
    ) -> AuditEntry:
        head = self.head
        return AuditEntry(
            time.time_ns() // 1000, interaction, _ACTIONS.get(interaction, "E"), outcome, head.subject, head.client, head.name, head.actors,
            head.tenant, head.purpose, head.reason, head.address, head.request_id, head.method, head.route, entities, patients, head.query,
            about,
        )  # fmt: skip


def note_of(
    caller: Caller,
    interaction: str,
    *,
    address: str = "",
    request_id: str = "",
    method: str = "",
    route: str = "",
    query: str | None = None,
) -> Note:
    """A new note of what this caller asks."""
    actors = tuple(sorted(caller.actors)) if caller.actors else ()
    head = AuditEntry(
        0, interaction, "E", 0, caller.subject, caller.client, caller.name, actors, caller.tenant, caller.purpose, None, address,
        request_id, method, route, query=query,
    )  # fmt: skip
    return Note(head)


def _persons_in(stored: Stored) -> Iterator[str]:
    """The patients that a version is or names, wherever it does: one too many does no harm."""
    if stored.type == "Patient":
        yield stored.id
    for behind in (stored.content or b"")[:_LOOKED_THROUGH].split(_PERSON)[1:]:
        if found := _ID.match(behind):
            yield found[0].decode()


def _persons_of(change: Write) -> Iterable[str]:
    return (mark.removeprefix(ABOUT) for (mark,) in change.index.marks if mark[0] not in NO_PERSON)

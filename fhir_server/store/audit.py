"""The audit trail as a store keeps it: one row for each interaction, good or refused, chained so that removal shows.

Compact on purpose: what a reader sees as an AuditEvent (https://hl7.org/fhir/R4/auditevent.html) is made of it when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

Action = Literal["C", "R", "U", "D", "E"]
Outcome = Literal[0, 4, 8, 12]
Entity = tuple[str, str, int | None]
"""Resource type, id and version; the version is None where none is meant, or where only the commit knows it (`completed`)."""


class AuditEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did what, when, to what, and what came of it.

    `recorded` in microseconds since 1970-01-01 UTC; `interaction` a code of http://hl7.org/fhir/restful-interaction or the name of an
    operation with its `$`; `outcome` as http://hl7.org/fhir/audit-event-outcome (0 done, 4 refused, 8 failed, 12 the server failed).
    `subject`, `client`, `name`, `actors`, `tenant` and `purpose` are the caller's (`fhir_server.security.caller`); `reason` is why access
    outside the circle was asked for. `route` is a template, never an address as it was sent. `patients` are ids of the Patients whose
    data was seen or changed, `about` the code of what went wrong. `query` is the search as it was asked: the only text here that may
    tell something of a patient. It is kept apart and can be erased without breaking the chain.
    """

    recorded: int
    interaction: str
    action: Action
    outcome: Outcome = 0
    subject: str = ""
    client: str = ""
    name: str = ""
    actors: tuple[tuple[str, str], ...] = ()
    tenant: str = ""
    purpose: str | None = None
    reason: str | None = None
    address: str = ""
    request_id: str = ""
    method: str = ""
    route: str = ""
    entities: tuple[Entity, ...] = ()
    patients: tuple[str, ...] = ()
    query: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry in its place. `erased` tells that there was a query text, which has been erased."""

    chain: int
    number: int
    entry: AuditEntry
    hash: bytes
    erased: bool = False

    @property
    def id(self) -> str:
        """As the id of an AuditEvent: the chain in hexadecimal and the number within it."""
        return f"{self.chain:x}-{self.number}"


Position = tuple[int, int, int]
"""Where a page ended: recorded, chain, number."""


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """What a page is to hold; everything given must hold. `since` inclusive, `until` exclusive, in microseconds.

    `keeps` is asked of each entry that the rest lets through, for what has no index.
    """

    patient: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None
    actions: frozenset[Action] | None = None
    outcomes: frozenset[Outcome] | None = None
    keeps: Callable[[AuditEntry], bool] | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries in order of time; `next` is where to go on, None at the end. A page may hold fewer than asked, or none, and have a next."""

    records: tuple[AuditRecord, ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far a chain is. Keep it elsewhere: whoever cuts off the end of a chain in the database cannot cut it off there.

    `first` is the number up to which entries were let go by retention; `keyed` says that the links are made with the key file.
    """

    chain: int
    number: int
    hash: bytes
    started: int
    first: int = 0
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class AuditFault:
    """What is wrong, and from which entry of which chain on."""

    chain: int
    number: int
    says: str


@dataclass(frozen=True, slots=True)
class Verification:
    """`entries` and `chains` that were looked at; `erased` query texts are no fault, but told."""

    chains: int
    entries: int
    erased: int
    faults: tuple[AuditFault, ...]


class AuditTrail(Protocol):
    """Entries are added, never changed. Raises FhirError (STORAGE, BUSY) as the store does."""

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Durable when it returns; entries that come while others are written share the next fsync."""

    async def read(self, chain: int, number: int) -> AuditRecord | None:
        """One entry."""

    async def page(self, search: AuditSearch, count: int, after: Position | None = None) -> AuditPage:
        """At most `count` entries, the newest first unless asked otherwise, behind `after`."""

    async def of_person(self, patient: str, count: int, after: Position | None = None) -> AuditPage:
        """Who saw or changed what of the person, the newest first."""

    async def heads(self) -> list[ChainHead]:
        """Of every chain, the oldest first."""

    async def verify(self, kept: Sequence[ChainHead] = ()) -> Verification:
        """Every link of every chain, and the heads that were `kept` elsewhere."""

    async def index_patients(self) -> None:
        """Make what was recorded ready to be found by person; done by each such search too, which is quicker where it was done before."""

    async def forget(self, patient: str, words: Sequence[str] = ()) -> int:
        """Erase the texts of searches that touched the person, or hold one of the words; how many. The chain still verifies."""

    async def let_go(self, before: int) -> int:
        """Remove entries recorded before that time, leaving a checkpoint in the chain; how many."""

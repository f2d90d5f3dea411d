"""What is handed to a store to be committed: changes made ready beforehand, and the conditions they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fhir_server.model.json_format import encode_json
from fhir_server.search.rows import IndexRows
from fhir_server.store.audit import AuditEntry
from fhir_server.store.outbox import OutboxEntry, OutboxSettlement
from fhir_server.store.stored import Stored, instant
from fhir_server.store.subscription import Subscriber
from fhir_server.store.wanted_version import WantedVersion

if TYPE_CHECKING:
    from fhir_server.search.query import Query

Status = Literal["created", "updated", "unchanged", "deleted", "absent"]
_OURS = ("versionId", "_versionId", "lastUpdated", "_lastUpdated")


@dataclass(frozen=True, slots=True)
class Body:
    """A resource as bytes with two gaps, for the version and the time that only the commit knows.

    The elements resourceType, id and meta come first, as the specification's examples write them. Large `data` (Base64) that came by
    itself stays apart as the last element, so that it is not copied before the commit.
    """

    head: bytes
    tail: bytes
    data: bytes = b""

    @classmethod
    def of(cls, resource: Mapping[str, Any], id_: str, data: bytes = b"") -> Body:
        """`data`, where there is some, takes the place of the element `data` of the resource."""
        meta = {name: value for name, value in (resource.get("meta") or {}).items() if name not in _OURS}
        apart = ("resourceType", "id", "meta", "data") if data else ("resourceType", "id", "meta")
        rest = {name: value for name, value in resource.items() if name not in apart}
        head = b'{"resourceType":"%b","id":"%b","meta":{"versionId":"' % (resource["resourceType"].encode(), id_.encode())
        tail = b'"' + _continued(meta) + _continued(rest)
        return cls(head, tail[:-1] + b',"data":"', data) if data else cls(head, tail)

    @property
    def size(self) -> int:
        """Bytes, but for the gaps."""
        return len(self.head) + len(self.tail) + len(self.data)

    def render(self, version: int, updated: int) -> bytes:
        """The JSON that is stored and served."""
        content = b'%b%d","lastUpdated":"%b%b' % (self.head, version, instant(updated).encode(), self.tail)
        return b"".join((content, self.data, b'"}')) if self.data else content


def _continued(members: Mapping[str, Any]) -> bytes:
    """The rest of an object that has members already: `,"a":1}`."""
    return b"," + encode_json(members)[1:] if members else b"}"


@dataclass(frozen=True, slots=True)
class Write:
    """Create or replace a resource. `fresh` says that the id was made just now, so nothing can stand under it."""

    type: str
    id: str
    body: Body
    index: IndexRows
    fresh: bool = False
    if_match: WantedVersion | int | None = None
    generation: int = 0
    """Of the goals (`fhir_server.store.indexing`) that the index rows were made from; NOT_OURS where they were made from other ones."""
    basis: int | None = None
    """The version that something beside this change was made ready upon (0: none stood); StaleCondition where another stands by then."""


NOT_OURS = -1


@dataclass(frozen=True, slots=True)
class Deletion:
    """Delete a resource; one that is not there is left as it is (https://hl7.org/fhir/R4/http.html#delete)."""

    type: str
    id: str
    if_match: WantedVersion | int | None = None
    basis: int | None = None
    """As of a `Write`."""


Change = Write | Deletion


@dataclass(frozen=True, slots=True)
class Condition:
    """A search whose matches were `ids` (sorted, two at most) when the changes were made ready, and must still be."""

    query: Query
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InboxSettlement:
    """The inbox row that this commit settles, with the reply its sender gets."""

    number: int
    reply: bytes
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """What a commit does beside its changes: the message that it settles, those that it sends, what became of one sent before.
    `by`: as in `Commit`."""

    settles: InboxSettlement | None = None
    sends: tuple[OutboxEntry, ...] = ()
    delivered: OutboxSettlement | None = None
    by: str = ""


NOTHING_ALONG = Along()


@dataclass(frozen=True, slots=True)
class Commit:
    """Changes that happen together or not at all. No two of them may name the same resource."""

    changes: list[Change]
    conditions: list[Condition] = field(default_factory=list)
    settles: InboxSettlement | None = None
    audit: tuple[AuditEntry, ...] = ()
    """Written with the changes or not at all; an entity without a version gets the one that its change is given here."""
    sends: tuple[OutboxEntry, ...] = ()
    """Messages to others that tell of the changes."""
    delivered: OutboxSettlement | None = None
    """What became of a message, where a change tells it."""
    by: str = ""
    """Who says so: a client's id, or the sender of a message (`application|facility`); they need not be told."""
    subscribers: tuple[Subscriber, ...] = ()
    """Who asks to be told, by a Subscription among the changes."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change. `stored` is the newest version; None where a deletion found nothing ever stored."""

    status: Status
    stored: Stored | None


class StaleCondition(Exception):
    """A condition no longer holds because another commit came first: make ready again and retry."""

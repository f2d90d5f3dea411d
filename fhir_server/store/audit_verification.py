"""Whether a chain of the audit trail is whole: its entries are given one after the other, faults are what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fhir_server.store.audit import AuditEntry, AuditFault, ChainHead
from fhir_server.store.audit_chain import Row, checkpoint_seal, column, digest_of, first_link, link

ENTRY_COLUMNS = "number, recorded, subject, action, outcome, body, query, salt, query_digest, hash"
_decode = msgspec.json.Decoder(AuditEntry).decode


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A row of the table audit_chain: the head, what the first link was made from, and the link at which retention left off."""

    chain: int
    started: int
    keyed: bool
    parent: int | None
    parent_number: int
    parent_hash: bytes
    number: int
    hash: bytes
    first: int
    first_hash: bytes | None
    first_seal: bytes | None
    indexed: int

    @property
    def head(self) -> ChainHead:
        return ChainHead(self.chain, self.number, self.hash, self.started, self.first, self.keyed)


class ChainCheck:
    """One chain, from its beginning or from its checkpoint. `watched`: numbers whose links somebody else holds, with what he holds."""

    def __init__(self, row: ChainRow, key: bytes | None, watched: Sequence[tuple[int, bytes, str]]):
        self._row, self._key = row, key if row.keyed else None
        self._number = row.first
        self._link = row.first_hash if row.first_hash is not None else first_link(self._key, row.chain, row.parent_hash)
        self._watched = list(watched)
        self.faults: list[AuditFault] = []
        self.entries = self.erased = self.patients = 0
        if row.keyed and key is None:
            self._say(row.number, "the chain was made with a key file, without which it cannot be verified (--audit-key-file)")
        elif row.first_hash is not None and row.first_seal != checkpoint_seal(self._key, row.chain, row.first, row.first_hash):
            self._say(row.first, "the checkpoint is not sealed: the entries before it were not let go by retention")

    def take(self, columns: Row) -> None:
        """The next row of ENTRY_COLUMNS."""
        number, *_, body, query, salt, query_digest, stored = columns
        self.entries += 1
        if number != self._number + 1:
            self._say(self._number + 1, f"entries {self._number + 1} to {number - 1} are missing")
        self._number = number
        if (not self._row.keyed or self._key) and link(self._key, self._link, query_digest, body) != stored:
            self._say(number, "the entry, or the one before it, is not what was written")
        self._link = stored
        self._check_watched()
        self._check_query(query, salt, query_digest)
        self._check_columns(columns, body)

    def end(self, behind: int) -> None:
        """Behind the last entry that the head tells of; `behind` so many others were found."""
        if behind:
            self._say(self._row.number + 1, f"{behind} entries stand behind the head: they were added, or it was changed")
        row = self._row
        if (self._number, self._link) != (row.number, row.hash):
            says = f"the chain ends with entry {self._number}, its head says {row.number}: the end was cut off or the head changed"
            self._say(self._number, says)
        for number, _, says in self._watched:
            if number > self._number:
                self._say(number, says)

    def _check_watched(self) -> None:
        for number, held, says in self._watched:
            if number == self._number and held != self._link:
                self._say(number, says)

    def _check_query(self, query: bytes | None, salt: bytes | None, query_digest: bytes | None) -> None:
        if query_digest is None:
            if query is not None:
                self._say(self._number, "a query text was added")
        elif query is None or salt is None:
            self.erased += 1
        elif digest_of(query, salt) != query_digest:
            self._say(self._number, "the query text is not what was written")

    def _check_columns(self, columns: Row, body: bytes) -> None:
        """What is searched by is what is chained."""
        try:
            entry = _decode(body)
        except msgspec.MsgspecError:
            self._say(self._number, "the entry cannot be read")
            return
        self.patients += len(set(entry.patients)) if self._number <= self._row.indexed else 0
        if (entry.recorded, column(entry.subject), entry.action, entry.outcome) != tuple(columns[1:5]):
            self._say(self._number, "the columns that are searched by differ from the entry")

    def _say(self, number: int, says: str) -> None:
        self.faults.append(AuditFault(self._row.chain, number, says))

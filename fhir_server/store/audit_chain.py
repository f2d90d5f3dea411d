"""How entries of the audit trail are chained: each link is a digest of the one before, of the entry and of its query text's digest.

    link = SHA-256(previous link + digest of the query text + entry)        HMAC-SHA-256 with the key file, where there is one
    digest of the query text = SHA-256(salt + text), zeros where there is none

Every process writes a chain of its own, so writers need not wait for each other; its first link is made from the newest link of the
chain that began last, so that a whole chain cannot go missing either.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from fhir_server.store.audit import AuditEntry
from fhir_server.store.change import Result

DIGEST = 32
_NOTHING = bytes(DIGEST)
_SALT = 16
_encode = msgspec.json.Encoder().encode

Row = tuple[Any, ...]


class Sealed(NamedTuple):
    """An entry as it will be stored: its bytes, and the query text beside them."""

    entry: AuditEntry
    body: bytes
    query: bytes | None
    salt: bytes | None
    query_digest: bytes | None


def seal(entry: AuditEntry) -> Sealed:
    """Made before the writer's turn, so that it has little to do."""
    if entry.query is None:
        return Sealed(entry, _encode(entry), None, None, None)
    query, salt = entry.query.encode("utf-8", "backslashreplace"), os.urandom(_SALT)
    return Sealed(entry, _encode(msgspec.structs.replace(entry, query=None)), query, salt, digest_of(query, salt))


def digest_of(query: bytes, salt: bytes) -> bytes:
    """What remains of a query text that is erased, and tells nothing of it: the salt is erased too."""
    return hashlib.sha256(salt + query).digest()


def link(key: bytes | None, previous: bytes, query_digest: bytes | None, body: bytes) -> bytes:
    """The next link of a chain."""
    content = previous + (query_digest or _NOTHING) + body
    return hmac.digest(key, content, "sha256") if key else hashlib.sha256(content).digest()


def first_link(key: bytes | None, chain: int, parent: bytes) -> bytes:
    """What the first entry of a chain is linked to."""
    return link(key, parent, None, b"passerelle audit chain %x" % chain)


def checkpoint_seal(key: bytes | None, chain: int, number: int, last: bytes) -> bytes:
    """What retention leaves in place of the entries up to `number`, whose link was `last`."""
    return link(key, last, None, b"passerelle audit checkpoint %x %d" % (chain, number))


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of this process on one store; nothing is written for it before its first entry."""

    key: bytes | None = None
    id: int = field(default_factory=lambda: secrets.randbits(62))


class Links:
    """What one group of commits adds to a chain: rows of the table audit."""

    def __init__(self, chain: Chain, number: int, last: bytes):
        self.chain, self.number, self.last = chain, number, last
        self.rows: list[Row] = []

    def add(self, entries: Iterable[Sealed]) -> None:
        """In the order in which they are chained."""
        key, chain = self.chain.key, self.chain.id
        for entry, body, query, salt, query_digest in entries:
            self.number += 1
            self.last = link(key, self.last, query_digest, body)
            head = (chain, self.number, entry.recorded, column(entry.subject), entry.action, entry.outcome)
            self.rows.append((*head, body, query, salt, query_digest, self.last))

    def taken(self) -> list[Row]:
        """The rows that wait to be written, which from then on wait no more."""
        taken, self.rows = self.rows, []
        return taken


def column(text: str) -> str:
    """As a column holds it: PostgreSQL's text has no U+0000."""
    return text.replace("\0", "\ufffd")


def completed(entries: Sequence[AuditEntry], results: Sequence[Result]) -> list[Sealed]:
    """Entries of a commit with the versions that only it knew: an entity without one gets that which the commit made of it."""
    made = {(one.stored.type, one.stored.id): one.stored.version for one in results if one.stored}
    return [seal(_with_versions(entry, made)) for entry in entries]


def _with_versions(entry: AuditEntry, made: dict[tuple[str, str], int]) -> AuditEntry:
    if all(version is not None for _, _, version in entry.entities):
        return entry
    entities = tuple((type_, id_, made.get((type_, id_)) if version is None else version) for type_, id_, version in entry.entities)
    return msgspec.structs.replace(entry, entities=entities)

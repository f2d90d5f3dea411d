"""What a batch or transaction asks without writing: an instance, a version, a search; and, through HTTP's own routes, operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from fhir_server.interactions.entry import Entry, shown, unmodified
from fhir_server.interactions.searching import Searching
from fhir_server.interactions.searchset import searchset
from fhir_server.interactions.version_tag import entry_is_unmodified
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_json
from fhir_server.store.stored import Stored

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

_HISTORY = "_history/"


class Asks(Protocol):
    """What knows the routes of HTTP: operations, histories, searches by POST."""

    def check(self, entry: Entry, *, in_transaction: bool) -> None:
        """FhirError where there is no such route, or where it changes something and so has no place in a transaction."""

    async def answer(self, entry: Entry) -> tuple[dict[str, Any], int]:
        """The response entry and the bytes of its resource; FhirError where it cannot be given."""


class Allowance:
    """How many bytes of resources the reads of one bundle may still give back."""

    def __init__(self, size: int):
        self._left = size

    def check(self) -> None:
        """TOO_LARGE where nothing is left."""
        if self._left < 0:
            raise fault(Category.TOO_LARGE, "too-costly", "The reads of this bundle give back too much; ask in several bundles.")

    def take(self, found: Iterable[Stored]) -> None:
        self.spend(sum(len(stored.content or b"") for stored in found))

    def spend(self, size: int) -> None:
        self._left -= size
        self.check()


class EntryReads:
    """`check` finds what can never be answered, before a transaction writes; `answer` may still find nothing."""

    def __init__(self, interactions: Interactions, searching: Searching):
        self._interactions = interactions
        self._searching = searching

    def check(self, entry: Entry, asks: Asks | None, *, in_transaction: bool = True) -> None:
        """FhirError for an unknown type, a search that cannot be read, and what only HTTP itself offers where there is none."""
        if entry.is_operation:
            self._operation(entry, asks).check(entry, in_transaction=in_transaction)
            return
        self._interactions.known_type(entry.type)
        if entry.id is None:
            self._searching.query(entry.type, _pairs(entry))
        elif (rest := entry.id.partition("/")[2]) and not rest.startswith(_HISTORY):
            raise _unsupported(entry)

    async def answer(self, entry: Entry, allowance: Allowance, asks: Asks | None, *, in_transaction: bool = False) -> dict[str, Any]:
        """The response entry; FhirError where it cannot be given."""
        self.check(entry, asks, in_transaction=in_transaction)
        allowance.check()
        if entry.is_operation or (asks is not None and entry.id is None):
            answer, size = await self._operation(entry, asks).answer(entry)
            allowance.spend(size)
        else:
            answer = await (self._search(entry, allowance) if entry.id is None else self._read(entry, entry.id, allowance))
        return {"response": answer["response"]} if entry.method == "HEAD" else answer

    def _operation(self, entry: Entry, asks: Asks | None) -> Asks:
        if asks is None:
            raise _unsupported(entry)
        return asks

    async def _search(self, entry: Entry, allowance: Allowance) -> dict[str, Any]:
        result = await self._interactions.search(entry.type, _pairs(entry))
        allowance.take([*result.matches, *result.includes])
        return shown(searchset(result))

    async def _read(self, entry: Entry, place: str, allowance: Allowance) -> dict[str, Any]:
        id_, _, rest = place.partition("/")
        version = rest.removeprefix(_HISTORY)
        stored = await (self._interactions.vread(entry.type, id_, version) if rest else self._interactions.read(entry.type, id_))
        if entry_is_unmodified(stored, entry.if_none_match, entry.if_modified_since):
            return unmodified(stored)
        allowance.take([stored])
        return shown(decode_json(stored.content or b"null"), stored)


def _unsupported(entry: Entry) -> FhirError:
    sentence = f"{entry.method} {entry.url[:200]} is not supported in a bundle; send it as a request of its own."
    return fault(Category.NOT_SUPPORTED, "not-supported", sentence)


def _pairs(entry: Entry) -> list[tuple[str, str]]:
    return parse_qsl(entry.search or "", keep_blank_values=True)

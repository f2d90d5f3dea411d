"""$export: the store, or what belongs to some patients, as files of NDJSON (https://hl7.org/fhir/uv/bulkdata/STU2/export.html).

All files show one moment of the change sequence: whatever is written meanwhile is not in them, and `_since` with the transactionTime
of one export begins the next without gap or overlap. One page of one type is held at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl

import msgspec

from fhir_server.interactions import Interactions
from fhir_server.model.json_format import encode_json
from fhir_server.operations.export_scope import PatientScope
from fhir_server.store.job_file import JobFileWriter
from fhir_server.store.store import MOST
from fhir_server.store.stored import HistoryPage, Stored, instant

PAGE = 500
FILE_RESOURCES = 100_000
"""A type with more goes into several files, which clients can fetch side by side."""

DELETIONS = 100
"""So many are told by one Bundle."""

FILTERED = 100
"""So many resources are asked about by one search."""


class ExportRequest(msgspec.Struct, frozen=True):
    """What is wanted. `patients` is None for a system export, empty for all patients; `filters` are searches by type, any of which may
    match; `since` and `until` are microseconds since 1970-01-01 UTC."""

    types: tuple[str, ...]
    patients: tuple[str, ...] | None = None
    since: int = 0
    until: int = MOST
    filters: dict[str, tuple[str, ...]] = {}
    base: str | None = None


class ExportedFile(msgspec.Struct, frozen=True):
    """One file; `type` is that of the resources in it, `count` how many."""

    name: str
    type: str
    count: int


class Exported(msgspec.Struct, frozen=True):
    """What there is to fetch, and the moment that it shows."""

    moment: str
    output: tuple[ExportedFile, ...]
    deleted: tuple[ExportedFile, ...]


class Exporter:
    """One export; `open_file` begins a file, `tell` says how far it is."""

    def __init__(
        self, interactions: Interactions, request: ExportRequest, open_file: Callable[[str], JobFileWriter], tell: Callable[[str], None]
    ):
        self._interactions = interactions
        self._store = interactions.store
        self._request = request
        self._open = open_file
        self._tell = tell
        ids = request.patients
        everyone = frozenset(ids) if ids else None
        self._scope = None if ids is None else PatientScope(interactions.definitions, everyone, request.base)
        self._total = 0

    async def run(self) -> Exported:
        newest = await self._newest()
        seq, updated = (newest.versions[0].seq, newest.versions[0].updated) if newest.versions else (0, 0)
        output: list[ExportedFile] = []
        deletions = _Deletions(self._open)
        for number, type_name in enumerate(self._request.types, 1):
            place = f"{type_name}, {number} of {len(self._request.types)} types"
            output += await self._type(type_name, seq, place, deletions)
        return Exported(instant(min(updated, self._request.until)), tuple(output), tuple(await deletions.close()))

    async def _newest(self) -> HistoryPage:
        """The newest version that the caller sees, however many are hidden from them before it."""
        page = await self._store.history(None, None, count=1)
        while not page.versions and page.next is not None:
            page = await self._store.history(None, None, count=1, before=page.next)
        return page

    async def _type(self, type_name: str, seq: int, place: str, deletions: _Deletions) -> list[ExportedFile]:
        files = _Files(type_name, self._open)
        after = 0
        while page := await self._page(type_name, seq, after):
            for stored in await self._wanted(type_name, page):
                await (deletions.add(stored) if stored.content is None else files.write(stored.content))
            after = page[-1].seq
            self._total += len(page)
            self._tell(f"{place}, {self._total} resources read")
        return await files.close()

    async def _page(self, type_name: str, seq: int, after: int) -> list[Stored]:
        request = self._request
        return await self._store.as_of(seq, type_name, after=after, since=request.since, until=request.until, count=PAGE)

    async def _wanted(self, type_name: str, page: list[Stored]) -> list[Stored]:
        """Of a page: what is there and belongs to the export, and deletions where changes are asked for."""
        deleted = [stored for stored in page if stored.content is None] if self._request.since else []
        found = [stored for stored in page if stored.content is not None]
        if self._scope is not None:
            deleted = [stored for stored in deleted if await self._was_ours(stored)]
            found = await asyncio.to_thread(self._ours, found)
        if filters := self._request.filters.get(type_name):
            ids = await self._matching(type_name, [stored.id for stored in found], filters)
            found = [stored for stored in found if stored.id in ids]
        return found + deleted

    def _ours(self, found: Iterable[Stored]) -> list[Stored]:
        assert self._scope is not None
        return [stored for stored in found if self._scope.holds(stored.type, stored.id, stored.content or b"")]

    async def _was_ours(self, deletion: Stored) -> bool:
        before = await self._store.vread(deletion.type, deletion.id, deletion.version - 1)
        return before is not None and before.content is not None and bool(self._ours([before]))

    async def _matching(self, type_name: str, ids: list[str], filters: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(ids), FILTERED):
            for one in filters:
                found |= await self._search(type_name, [("_id", ",".join(ids[start : start + FILTERED])), *parse_qsl(one)])
        return found

    async def _search(self, type_name: str, pairs: list[tuple[str, str]]) -> set[str]:
        asked = [*pairs, ("_count", str(FILTERED))]
        found: set[str] = set()
        page = await self._interactions.search(type_name, asked)
        while True:
            found |= {stored.id for stored in page.matches}
            if page.next is None:
                return found
            page = await self._interactions.search(type_name, [*asked, ("_page", page.next)])


class _Files:
    """The files of one type; an empty one is not made."""

    def __init__(self, type_name: str, open_file: Callable[[str], JobFileWriter], label: str = ""):
        self._type = type_name
        self._label = label or type_name
        self._open = open_file
        self._file: JobFileWriter | None = None
        self._count = 0
        self._done: list[ExportedFile] = []

    async def write(self, content: bytes) -> None:
        if self._count == FILE_RESOURCES:
            await self._end()
        if self._file is None:
            self._file = self._open(f"{self._label}.{len(self._done) + 1}.ndjson")
        await self._file.write(content + b"\n")
        self._count += 1

    async def close(self) -> list[ExportedFile]:
        await self._end()
        return self._done

    async def _end(self) -> None:
        if self._file is not None:
            await self._file.close()
            self._done.append(ExportedFile(self._file.name, self._type, self._count))
            self._file, self._count = None, 0


class _Deletions:
    """Transaction Bundles of DELETE requests, as the manifest's `deleted` wants them."""

    def __init__(self, open_file: Callable[[str], JobFileWriter]):
        self._files = _Files("Bundle", open_file, "deleted")
        self._entries: list[dict[str, object]] = []

    async def add(self, deletion: Stored) -> None:
        self._entries.append({"request": {"method": "DELETE", "url": f"{deletion.type}/{deletion.id}"}})
        if len(self._entries) == DELETIONS:
            await self._bundle()

    async def close(self) -> list[ExportedFile]:
        if self._entries:
            await self._bundle()
        return await self._files.close()

    async def _bundle(self) -> None:
        await self._files.write(encode_json({"resourceType": "Bundle", "type": "transaction", "entry": self._entries}))
        self._entries = []

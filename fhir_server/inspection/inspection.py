"""Documents in, verdicts out, in the same order: here, or spread over processes where there is enough to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context

from fhir_server.model.issue import Issue
from fhir_server.validation.document import Document, DocumentCheck

ALONE_BYTES = 512 * 1024
"""Less than this is checked here: other processes would take longer to start."""
PARCEL_BYTES = 64 * 1024
AHEAD = 4
"""Parcels under way for each process, so that none waits and memory stays bounded."""

MakeCheck = Callable[[], DocumentCheck]
"""Made once in each process; it has to travel there, so a function of a module or a `functools.partial` of one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one document (of NDJSON: in some lines of it)."""

    name: str
    resources: int
    issues: tuple[Issue, ...]

    @property
    def is_valid(self) -> bool:
        return not any(issue.is_error for issue in self.issues)


def verdicts(documents: Iterable[Document], check: DocumentCheck, make_check: MakeCheck, processes: int) -> Iterator[Verdict]:
    """One verdict for each document, by `check`, or by what `make_check` makes in other processes where there is enough to do."""
    waiting = iter(documents)
    first = list(_until(waiting, ALONE_BYTES)) if processes > 1 else []
    following = next(waiting, None) if processes > 1 else None
    if following is None:
        yield from (_verdict(check, document) for document in chain(first, waiting))
    else:
        yield from _spread(chain(first, [following], waiting), make_check, processes)


def _spread(documents: Iterable[Document], make_check: MakeCheck, processes: int) -> Iterator[Verdict]:
    under_way: deque[Future[list[Verdict]]] = deque()
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (make_check,)) as pool:
        for parcel in _parcels(iter(documents)):
            under_way.append(pool.submit(_check_parcel, parcel))
            if len(under_way) >= AHEAD * processes:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def _parcels(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while parcel := list(_until(documents, PARCEL_BYTES)):
        yield parcel


def _until(documents: Iterator[Document], size: int) -> Iterator[Document]:
    """Documents from the front until they hold `size` bytes together."""
    for document in documents:
        yield document
        size -= len(document.content)
        if size <= 0:
            return


_check: DocumentCheck | None = None


def _start(make_check: MakeCheck) -> None:
    global _check
    _check = make_check()


def _check_parcel(parcel: list[Document]) -> list[Verdict]:
    assert _check is not None, "a process is started before it works"
    return [_verdict(_check, document) for document in parcel]


def _verdict(check: DocumentCheck, document: Document) -> Verdict:
    return Verdict(document.name, document.resources, tuple(check.findings(document)))

"""What becomes of a change, given what stands under its type and id: no database here, so every store decides the same.

https://hl7.org/fhir/R4/http.html#versions
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase
from fhir_server.store.change import Change, Deletion, Result, StaleCondition, Write
from fhir_server.store.stored import Method, Stored
from fhir_server.store.wanted_version import WantedVersion, wanted

MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Current:
    """What stands under a type and id now."""

    pk: int
    version: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be appended, and what to tell of it."""

    status: Literal["created", "updated", "deleted"]
    method: Method
    version: int
    content: bytes | None


def time_of_group(clock: int, last: int) -> int:
    """The time that a group of commits shares, later by at least a millisecond than any earlier one:
    who asks for `_lastUpdated=gt` the newest time he saw misses nothing. Microseconds, whole milliseconds.
    """
    return max(clock - clock % MILLISECOND, last + MILLISECOND)


def check_version(change: Change, now: Current | None) -> None:
    """FhirError (PRECONDITION) where the change asks for another version than the current one; StaleCondition where what goes with it was
    made upon another one."""
    if change.if_match is not None:
        asked = wanted(change.if_match)
        if now is None or not asked.is_met(now.version, now.deleted):
            raise other_version(change.type, change.id, asked, now.version if now else None, now is not None and now.deleted)
    if change.basis not in (None, now.version if now else 0):
        raise StaleCondition


def other_version(type_name: str, id_: str, asked: WantedVersion, version: int | None, deleted: bool) -> FhirError:
    """PRECONDITION: the resource is at another version (None: at none) than a change asks for."""
    if version is None:
        found = phrase("there is no such resource")
    elif deleted:
        found = phrase("its version is {version}, its deletion", version=version)
    else:
        found = phrase("its version is {version}", version=version)
    sentence = phrase(
        "{place} was to have {asked} (If-Match), but {found}. Read it again and repeat the change.",
        place=f"{type_name}/{id_}", asked=str(asked), found=found,
    )  # fmt: skip
    return fault(Category.PRECONDITION, "conflict", sentence)


def decide(change: Change, now: Current | None, standing: Callable[[], Stored], updated: int) -> Result | NewVersion:
    """A result where nothing is to be written, else the version to append; `standing` gives the current version, where there is one."""
    if isinstance(change, Deletion):
        return _deletion(now, standing)
    if now and not now.deleted:
        same = standing()
        if same.content == change.body.render(now.version, same.updated):
            return Result("unchanged", same)
    version = now.version + 1 if now else 1
    status: Literal["created", "updated"] = "updated" if now and not now.deleted else "created"
    return NewVersion(status, _method(change, now), version, change.body.render(version, updated))


def _method(change: Write, now: Current | None) -> Method:
    return "PUT" if now or not change.fresh else "POST"


def _deletion(now: Current | None, standing: Callable[[], Stored]) -> Result | NewVersion:
    if now is None:
        return Result("absent", None)
    if now.deleted:
        return Result("absent", standing())
    return NewVersion("deleted", "DELETE", now.version + 1, None)

"""What the store keeps about one person, in every version, deleted ones included.

Whose a version is, is judged on the version as it stood (`fhir_server.search.sight.marks`): R4's Patient compartment, and what is about a
person though the compartment has it not. The search index does not help: it shows the present only. So each content is looked at.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.model.inbox_reference import INBOX_SYSTEM
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.rights.sent_messages import sent_about, whole
from fhir_server.search.sight.marks import ABOUT, NO_PERSON
from fhir_server.store.stored import Stored

PATIENT, BINARY = "Patient", "Binary"
SHORTEST = 6
"""Shorter identifiers would be found in other persons' messages too."""

_BINARIES = re.compile(rb"Binary/([A-Za-z0-9\-.]{1,64})")
_PAGE = 100
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A resource of the person: `own` are versions with content that belong to nobody else, `shared` those that belong to others too.

    `ends` tells that the current version is one of the person's own.
    """

    type: str
    id: str
    own: tuple[int, ...]
    shared: tuple[int, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """`mentions` name the person and belong to others or to nobody; `messages` are numbers of the inbox, `sent` of the outbox; `words` are
    names and identifiers."""

    patient: str
    held: tuple[Held, ...]
    mentions: tuple[Key, ...]
    messages: tuple[int, ...]
    sent: tuple[int, ...]
    words: tuple[str, ...]

    @property
    def shared(self) -> list[Held]:
        """Resources of which something is kept because it belongs to others too."""
        return [one for one in self.held if one.shared]


async def dossier(interactions: Interactions, patient: str) -> Dossier:
    """All about a person; NOT_FOUND where no version of such a Patient has content."""
    found = await remaining(interactions, patient)
    if (PATIENT, patient) not in {(one.type, one.id) for one in found.held}:
        sentence = f"There is no Patient/{patient} with content; it never was, or has been erased."
        raise fault(Category.NOT_FOUND, "not-found", sentence)
    return found


async def remaining(interactions: Interactions, patient: str) -> Dossier:
    """As `dossier`, whether there is still a Patient or not."""
    collecting = _Collecting(interactions, patient)
    await collecting.run()
    return collecting.made(await collecting.messages(), await collecting.sent())


async def versions(interactions: Interactions, type_name: str, id_: str) -> AsyncIterator[Stored]:
    """All versions of a resource, the newest first."""
    before: int | None = None
    while True:
        page = await interactions.store.history(type_name, id_, count=_PAGE, before=before)
        for stored in page.versions:
            yield stored
        if page.next is None:
            return
        before = page.next


class _Collecting:
    def __init__(self, interactions: Interactions, patient: str):
        self._interactions, self._patient = interactions, patient
        self.held: dict[Key, Held] = {}
        self._alone: list[str] = []
        self._mentions: list[Key] = []
        self._binaries: set[str] = set()
        self._words: dict[str, None] = {}
        self._identifiers: dict[str, None] = {}
        self._numbers: dict[int, None] = {}

    async def run(self) -> None:
        text = f"{PATIENT}/{self._patient}"
        mention = re.compile(re.escape(text.encode()) + rb"(?![A-Za-z0-9\-.])")
        keys = {(PATIENT, self._patient): None}
        async for type_name, id_, _ in self._interactions.store.erasures.versions_with(text.encode()):
            keys[type_name, id_] = None
        for key in keys:
            await self._look_at(*key, mention)
        await self._look_at_binaries()

    def made(self, messages: tuple[int, ...], sent: tuple[int, ...]) -> Dossier:
        words = [*self._words, *self._identifiers]
        return Dossier(self._patient, tuple(self.held.values()), tuple(self._mentions), messages, sent, tuple(words))

    async def messages(self) -> tuple[int, ...]:
        """Those that a Provenance of the person names, and those that hold one of the person's identifiers, whole."""
        found = dict(self._numbers)
        texts = [one.encode() for one in self._identifiers]
        words = [re.compile(whole(one)) for one in self._identifiers]
        async for number, raw in self._interactions.store.erasures.messages_with(texts):
            if any(one.search(raw) for one in words):
                found[number] = None
        return tuple(sorted(found))

    async def sent(self) -> tuple[int, ...]:
        """Messages of the outbox about the person."""
        erasures, base = self._interactions.store.erasures, self._interactions.base
        return tuple(sorted(await sent_about(erasures, self._patient, self._alone, [*self._identifiers], base)))

    async def _look_at(self, type_name: str, id_: str, mention: re.Pattern[bytes]) -> None:
        persons: dict[int, frozenset[str]] = {}
        is_named, newest = False, None
        async for stored in versions(self._interactions, type_name, id_):
            newest = newest or stored
            if stored.content is not None:
                persons[stored.version] = found = self._persons(stored.id, decode_resource(stored.content))
                is_named = is_named or bool(mention.search(stored.content))
                if found == {self._patient}:
                    self._note(type_name, stored.content)
        if any(self._patient in some for some in persons.values()):
            if all(some <= {self._patient} for some in persons.values()):
                self._alone.append(f"{type_name}/{id_}")
            self.held[type_name, id_] = self._sorted(type_name, id_, persons, newest)
        elif is_named:
            self._mentions.append((type_name, id_))

    def _sorted(self, type_name: str, id_: str, persons: dict[int, frozenset[str]], newest: Stored | None) -> Held:
        """Versions that say of nobody whose they are, are the person's where no other version is another's."""
        nobody_else = all(some <= {self._patient} for some in persons.values())
        own = tuple(sorted(one for one, some in persons.items() if some == {self._patient} or (nobody_else and not some)))
        shared = tuple(sorted(one for one, some in persons.items() if self._patient in some and len(some) > 1))
        return Held(type_name, id_, own, shared, newest is not None and newest.version in own)

    def _persons(self, id_: str, resource: Resource) -> frozenset[str]:
        """A Patient belongs to itself alone, though another may be linked with it."""
        if resource["resourceType"] == PATIENT:
            return frozenset([id_])
        marks = self._interactions.marks_of(resource, id_)
        return frozenset(one.removeprefix(ABOUT) for one in marks if not one.startswith(NO_PERSON))

    def _note(self, type_name: str, content: bytes) -> None:
        self._binaries.update(one.decode() for one in _BINARIES.findall(content))
        if type_name == PATIENT:
            self._note_words(decode_resource(content))
        elif type_name == "Provenance":
            self._note_messages(decode_resource(content))

    def _note_words(self, patient: Resource) -> None:
        names = [part for name in patient.get("name", ()) for part in (name.get("family"), *name.get("given", ())) if part]
        self._words |= dict.fromkeys(one for one in names if len(one) > 2)
        values = [str(one.get("value", "")) for one in patient.get("identifier", ())]
        self._identifiers |= dict.fromkeys(one for one in values if len(one) >= SHORTEST)

    def _note_messages(self, provenance: Resource) -> None:
        for entity in provenance.get("entity", ()):
            identifier = (entity.get("what") or {}).get("identifier") or {}
            if identifier.get("system") == INBOX_SYSTEM and str(identifier.get("value")).isdigit():
                self._numbers[int(identifier["value"])] = None

    async def _look_at_binaries(self) -> None:
        """A file is the person's where nothing names it but what is the person's alone."""
        if not self._binaries:
            return
        elsewhere: set[str] = set()
        async for type_name, id_, version in self._interactions.store.erasures.versions_with(b"Binary/"):
            held = self.held.get((type_name, id_))
            if held is None or version not in held.own:
                stored = await self._interactions.store.vread(type_name, id_, version)
                elsewhere.update(one.decode() for one in _BINARIES.findall((stored and stored.content) or b""))
        for id_ in sorted(self._binaries - elsewhere):
            await self._hold_binary(id_)

    async def _hold_binary(self, id_: str) -> None:
        found = [one async for one in versions(self._interactions, BINARY, id_)]
        own = tuple(sorted(one.version for one in found if one.content is not None))
        if own:
            self.held[BINARY, id_] = Held(BINARY, id_, own, (), found[0].content is not None)

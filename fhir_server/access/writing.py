"""What a caller may write.

- Who serves the whole of their tenant may do what their scopes say.
- Others create under ids that the server gives, and change what they see; a resource that they do not see and one that is not there are
  answered alike. A create on condition that nothing matches is refused: what would match may be hidden, and to answer either way
  would tell, or make a double (docs/decisions/0020-access.md).
- What is written may belong only to persons whom they see, or whom the same commit creates; so may what it replaces, and what is deleted.
  What lets others in (care teams, consents) they write only for persons whom they see wholly. A referral, a document or a consent may
  name only what they see: naming shows, or hides.
- Access in an emergency comes before every denial, so nobody grants it to themselves or others by a Consent of their own. Who came in by
  one reads and adds, but names nothing that would show it longer, and changes nothing that is there.
- Who serves the whole of one tenant lets nobody in to what is of another.
- Directories and definitions are common to all, and are written by who serves the whole; a tenant's own system changes those that it made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_server.access.access import Access
from fhir_server.access.permission import insufficient
from fhir_server.access.resource_class import OPEN
from fhir_server.access.seeing import BY_INDEX, Seeing
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_json
from fhir_server.search.clause import IdClause, MarkClause
from fhir_server.search.query import Query
from fhir_server.search.sight.marks import ABOUT, NO_PERSON, TENANT
from fhir_server.store.change import Change, Commit, Condition, Deletion, Result, Write
from fhir_server.store.decision import Current, check_version
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored

ATTEMPTS = 20
_WHOLLY = ("CareTeam", "Consent")
"""Types that let others in to all of a person."""

DENIES = b'"type":"deny"'
"""In the content of a Consent, at whatever depth (Consent.provision.type)."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A change that may be made, of a version that was looked at (`pinned`); None stands for a deletion of what is not there."""

    change: Change | None
    pinned: bool = False


class Writing:
    """The commits of one caller."""

    def __init__(self, store: Store, seeing: Seeing, access: Access):
        self._store = store
        self._seeing = seeing
        self._access = access

    async def commit(self, commit: Commit) -> list[Result]:
        """All changes or none; what was looked at must still stand, else it is looked at again."""
        conditions = [self._condition(one) for one in commit.conditions]
        fresh = frozenset((one.type, one.id) for one in commit.changes if isinstance(one, Write) and one.fresh)
        for _ in range(ATTEMPTS):
            allowed = [await self._allowed(change, fresh) for change in commit.changes]
            changes = [one.change for one in allowed if one.change is not None]
            try:
                results = await self._store.commit(replace(commit, changes=changes, conditions=conditions))
            except FhirError as error:
                if error.category is Category.PRECONDITION and any(one.pinned for one in allowed) and await self._moved(allowed):
                    continue
                raise
            remaining = iter(results)
            return [next(remaining) if one.change is not None else Result("absent", None) for one in allowed]
        raise fault(Category.CONFLICT, "conflict", "Others kept changing what this request changes; nothing was stored. Try again.")

    def _condition(self, condition: Condition) -> Condition:
        """The condition as the caller sees it; FORBIDDEN where it asks that nothing be there and some of it may be hidden."""
        type_name = condition.query.resource_type
        if not condition.ids and not self._access.sees_whole and type_name not in OPEN:
            mend = "search first, then create without a condition, or let a client do it that serves the whole of its tenant"
            sentence = f"What would match may be hidden from you, so a {type_name} is not created on condition that none matches; {mend}."
            raise fault(Category.FORBIDDEN, "forbidden", sentence)
        return replace(condition, query=replace(condition.query, sight=self._access.sight("s")))

    async def _moved(self, allowed: list[_Allowed]) -> bool:
        """True where a version that we pinned is no longer the current one."""
        for one in allowed:
            if one.pinned and one.change is not None:
                now = await self._store.read(one.change.type, one.change.id)
                if now is None or now.version != one.change.if_match:
                    return True
        return False

    async def _allowed(self, change: Change, fresh: frozenset[Key]) -> _Allowed:
        """The change as it may be made; FhirError where it may not."""
        if isinstance(change, Deletion):
            return await self._deletion(change)
        if change.fresh:
            self._access.require(change.type, "c")
            self._require_keeper(change.type)
            await self._require_known(change, fresh)
            return _Allowed(change)
        return await self._replacement(change, fresh)

    async def _deletion(self, change: Deletion) -> _Allowed:
        """One that the caller does not see is not there."""
        self._access.require(change.type, "d")
        self._require_keeper(change.type)
        standing = await self._standing(change)
        if standing is None or not await self._seeing.sees(standing, "d"):
            check_version(change, None)
            return _Allowed(None)
        await self._require_whose(standing)
        return self._pinned(change, standing)

    async def _replacement(self, change: Write, fresh: frozenset[Key]) -> _Allowed:
        self._access.require(change.type, "u")
        self._require_keeper(change.type)
        standing = await self._standing(change)
        if standing is None and self._names_ids(change.type):
            self._access.require(change.type, "c")
            await self._require_known(change, fresh)
            return _Allowed(change)
        if standing is None or not await self._seeing.sees(standing, "u"):
            raise _not_there(change)
        await self._require_whose(standing)
        await self._require_known(change, fresh)
        return self._pinned(change, standing)

    async def _standing(self, change: Change) -> Stored | None:
        return await self._store.read(change.type, change.id)

    def _pinned(self, change: Change, standing: Stored) -> _Allowed:
        """What was judged is what is changed. Who serves the whole and sees it whatever it becomes needs no such care."""
        if self._access.sight("u").rule(change.type).is_free:
            return _Allowed(change)
        check_version(change, Current(0, standing.version, standing.deleted))
        return _Allowed(replace(change, if_match=standing.version), pinned=change.if_match is None)

    def _names_ids(self, type_name: str) -> bool:
        """True where nothing can stand under an id that the caller does not see: they may choose ids themselves."""
        return self._access.sight("r").rule(type_name).is_free

    def _require_keeper(self, type_name: str) -> None:
        if type_name in OPEN and not self._access.sees_whole:
            raise fault(Category.FORBIDDEN, "forbidden", f"{type_name} is common to all; only clients that serve the whole write it.")

    async def _require_known(self, change: Write, fresh: frozenset[Key]) -> None:
        """Whom the new version belongs to, whom it lets in and what it names are the caller's to tell of."""
        self._require_tenant(change)
        await self._require_within_tenant(change, fresh)
        if self._access.sees_whole:
            return
        self._require_no_emergency(change)
        for person in _persons(change):
            if ("Patient", person) not in fresh and not self._knows(person, wholly=change.type in _WHOLLY):
                raise _unknown(change.type, f"Patient/{person}")
        for type_name, id_ in _named(change):
            if (type_name, id_) not in fresh and type_name not in OPEN and not await self._finds(type_name, id_):
                raise _unknown(change.type, f"{type_name}/{id_}")
        for id_ in _referrals(change):
            if ("ServiceRequest", id_) not in fresh:
                await self._require_referral(change, id_)

    async def _require_referral(self, change: Write, id_: str) -> None:
        """Who is asked by a task sees what the referral names that it is about. So who sees of a person only their referrals, and was sent
        none of them, asks nobody, themselves neither, by a task about one."""
        standing = await self._store.read("ServiceRequest", id_)
        if id_ in self._access.circle.ids.get("ServiceRequest", ()) or standing is None or standing.content is None:
            return
        for person in self._seeing.marks_of(decode_json(standing.content), id_):
            if person[0] not in (ABOUT, *NO_PERSON) and not self._knows(person, wholly=True):
                raise _unknown(change.type, f"ServiceRequest/{id_}")

    async def _require_whose(self, standing: Stored) -> None:
        """What is changed or deleted is the caller's to tell of already, the patient that it may be itself included."""
        self._require_made_here(standing)
        if self._access.sees_whole or standing.content is None:
            return
        if standing.type in BY_INDEX:
            if not await self._finds(standing.type, standing.id):
                raise _unknown(standing.type, f"{standing.type}/{standing.id}")
            return
        for mark in self._seeing.marks_of(decode_json(standing.content), standing.id):
            person = mark.removeprefix(ABOUT)
            if mark[0] not in NO_PERSON and not self._has(person, standing.type):
                raise _unknown(standing.type, f"Patient/{person}")
        self._require_word(standing)

    def _require_made_here(self, standing: Stored) -> None:
        """What is common to all is changed by the tenant that made it, or by who serves all tenants."""
        tenant = self._access.caller.tenant
        if not tenant or standing.type not in OPEN or standing.content is None:
            return
        if TENANT + tenant not in self._seeing.marks_of(decode_json(standing.content), standing.id):
            place = f"{standing.type}/{standing.id}"
            sentence = f"{place} is common to all and was not made by your organisation; ask the operator to change it."
            raise fault(Category.FORBIDDEN, "forbidden", sentence)

    def _has(self, person: str, type_name: str) -> bool:
        return self._knows(person, wholly=type_name in _WHOLLY) and person not in self._access.circle.emergency

    def _require_word(self, standing: Stored) -> None:
        """What a person denied, the person alone takes back, or software that serves the whole, on their word."""
        if standing.type == "Consent" and not self._access.caller.patient and DENIES in (standing.content or b""):
            mend = "with their own token, or by software that serves the whole of a structure"
            sentence = f"This Consent denies something, which is the person's to take back: {mend}."
            raise fault(Category.FORBIDDEN, "forbidden", sentence)

    def _require_no_emergency(self, change: Write) -> None:
        if any(grant.kind == "emergency" for grant in change.index.grants):
            mend = "leave the policyRule BTG out, or let a client write it that serves the whole of its tenant"
            sentence = f"A Consent for an emergency comes before what the person denied, and is not yours to write; {mend}."
            raise fault(Category.FORBIDDEN, "forbidden", sentence)

    async def _require_within_tenant(self, change: Write, fresh: frozenset[Key]) -> None:
        """Whom a tenant's own system lets in or keeps out, it does for its own persons and resources. Others write about such persons
        alone: grants know no tenants, and who stands in a circle elsewhere is not told so."""
        if not (tenant := self._access.caller.tenant) or change.type in OPEN:
            return
        mark = MarkClause(frozenset([TENANT + tenant]))
        persons = () if self._access.sees_whole else (("Patient", one) for one in _persons(change))
        for key in dict.fromkeys((*_granted(change), *persons)):
            theirs = key in fresh or key[0] in OPEN or await self._store.matches(Query(key[0], (IdClause((key[1],)), mark)))
            if not theirs:
                raise _unknown(change.type, "/".join(key))

    def _require_tenant(self, change: Write) -> None:
        """The mark was set on the way here; a change without it would be everybody's."""
        tenant = self._access.caller.tenant
        if tenant and change.type not in OPEN and (TENANT + tenant,) not in change.index.marks:
            raise insufficient(self._access.caller, change.type, "c")

    def _knows(self, person: str, *, wholly: bool) -> bool:
        circle = self._access.circle
        if wholly and person in circle.emergency:  # who came in by an emergency lets nobody in, and does not make it last
            return False
        return self._access.knows(person) or (not wholly and person in circle.ids.get("Patient", ()))

    async def _finds(self, type_name: str, id_: str) -> bool:
        return await self._seeing.finds(type_name, id_, self._access.lasting.sight("r"))


def _not_there(change: Write) -> FhirError:
    mend = "create it under an id that the server gives (POST)"
    sentence = f"There is no {change.type} with the id {change.id!r} that you may change; {mend}."
    return fault(Category.NOT_FOUND, "not-found", sentence)


def _persons(change: Write) -> Iterator[str]:
    """The persons that the new version belongs to or is about, but for a patient that it is itself."""
    for (mark,) in change.index.marks:
        person = mark.removeprefix(ABOUT)
        if mark[0] not in NO_PERSON and not (change.type == "Patient" and person == change.id):
            yield person


def _named(change: Write) -> Iterator[Key]:
    """What is seen by whom the new version is addressed to, because it names it; or single resources that it shows to somebody or hides."""
    for grant in change.index.grants:
        if grant.kind in ("names", "permit", "deny", "emergency") and "/" in grant.target:
            type_name, _, id_ = grant.target.partition("/")
            yield type_name, id_


def _referrals(change: Write) -> Iterator[str]:
    """The ids of the referrals that a task is about, where it asks somebody."""
    if change.type == "Task" and any(grant.kind == "referral" for grant in change.index.grants):
        yield from (id_ for type_name, id_ in _named(change) if type_name == "ServiceRequest")


def _granted(change: Write) -> Iterator[Key]:
    """The persons and resources that the new version lets anybody in to, or keeps anybody from."""
    yield from _named(change)
    yield from (("Patient", grant.person) for grant in change.index.grants if grant.person)


def _unknown(type_name: str, target: str) -> FhirError:
    mend = "mend the reference, or ask the person's circle"
    sentence = f"This {type_name} refers to {target}, which is not here, or not yours to write about; {mend}."
    return fault(Category.INVALID, "not-found", sentence)

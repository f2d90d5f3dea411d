"""The care circle of an actor: whom the record lets them see now, out of all grants that name them.

A professional or a structure sees the persons in whose active care team they stand, within both periods; what was addressed to them
(ServiceRequest, Task) and what it names, until they refuse; and persons who permitted it by a Consent that names them. A Consent that
denies goes before what is as wide as itself: one that names an actor before all but an emergency, one that names nobody before the
circle, though not before a permission that names the actor. Access in an emergency comes before all, and is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from fhir_server.search.sight.grant import END, Grant

Sets = Mapping[str, frozenset[str]]
_PATIENT = "Patient/"


@dataclass(frozen=True, slots=True)
class Circle:
    """`persons` are seen wholly, those of `emergency` for no other reason; `typed` are persons of whom some types are seen, `ids` single
    resources, both by resource type. `denied`, `denied_typed` and `denied_ids` are taken away again. It holds until `until`
    (microseconds, exclusive)."""

    persons: frozenset[str] = frozenset()
    typed: Sets = field(default_factory=dict)
    ids: Sets = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    denied_typed: Sets = field(default_factory=dict)
    denied_ids: Sets = field(default_factory=dict)
    emergency: frozenset[str] = frozenset()
    until: int = END


@dataclass(frozen=True, slots=True)
class Evidence:
    """All grants that a circle is made from: those that name the actors or their roles, what is addressed to them and what that names,
    and the denials that name nobody, of the persons concerned."""

    own: tuple[Grant, ...] = ()
    named: tuple[Grant, ...] = ()
    general: tuple[Grant, ...] = ()


def roles(grants: Iterable[Grant], now: int) -> frozenset[str]:
    """The roles in which actors work now."""
    return frozenset(one.target for one in grants if one.kind == "role" and _holds(one, now))


def addressed(grants: Collection[Grant]) -> frozenset[str]:
    """The referrals that are addressed to the actors and were not refused by whom they are addressed to."""
    refused = {(one.actor, one.target) for one in grants if one.kind == "refusal"}
    return frozenset(one.target for one in grants if one.kind == "referral" and (one.actor, one.target) not in refused)


def concerned(grants: Iterable[Grant]) -> frozenset[str]:
    """The persons of whom general denials matter: those whom the grants are about or name."""
    return frozenset(one.person or one.target.removeprefix(_PATIENT) for one in grants if one.person or one.target.startswith(_PATIENT))


def circle_of(evidence: Evidence, now: int) -> Circle:
    """What follows from the evidence at this moment (microseconds)."""
    own = [one for one in evidence.own if _holds(one, now)]
    by_name = _Said.of([one for one in own if one.kind == "permit"])
    general = [one for one in evidence.general if _holds(one, now) and one.person not in by_name.persons]
    denials = [*general, *(one for one in own if one.kind == "deny")]
    emergency = _Said.of([one for one in own if one.kind == "emergency"])
    denied = _Said.of([one for one in denials if one.person not in emergency.persons])
    standing = frozenset(one.person for one in own if one.kind == "circle")
    referrals = addressed(own)
    ids = _by_type((*by_name.targets, *emergency.targets, *referrals, *(one.target for one in evidence.named)))
    persons = (standing | by_name.persons) - _Said.of(denials).persons
    return Circle(
        persons=persons | emergency.persons,
        typed=_united(by_name.typed, emergency.typed),
        ids=ids,
        denied=denied.persons,
        denied_typed=denied.typed,
        denied_ids=_by_type(denied.targets),
        emergency=emergency.persons - persons,
        until=_until((*evidence.own, *evidence.general), now),
    )


def _holds(grant: Grant, now: int) -> bool:
    return grant.since <= now <= grant.until


def _until(grants: Iterable[Grant], now: int) -> int:
    """When the first of them begins or ends."""
    begins = (one.since for one in grants if one.since > now)
    ends = (one.until + 1 for one in grants if one.since <= now <= one.until < END)
    return min((*begins, *ends), default=END)


@dataclass(frozen=True, slots=True)
class _Said:
    """What consents say, by how much of a person it is about."""

    persons: frozenset[str]
    typed: Sets
    targets: frozenset[str]

    @classmethod
    def of(cls, grants: Collection[Grant]) -> _Said:
        typed = defaultdict[str, set[str]](set)
        for one in grants:
            if one.target and "/" not in one.target:
                typed[one.target].add(one.person)
        whole = frozenset(one.person for one in grants if not one.target)
        return cls(whole, _frozen(typed), frozenset(one.target for one in grants if "/" in one.target))


def _by_type(targets: Iterable[str]) -> Sets:
    found = defaultdict[str, set[str]](set)
    for target in targets:
        type_name, _, id_ = target.partition("/")
        found[type_name].add(id_)
    return _frozen(found)


def _united(one: Sets, other: Sets) -> Sets:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {**one, **other}}


def _frozen(sets: Mapping[str, set[str]]) -> Sets:
    return {name: frozenset(found) for name, found in sets.items()}

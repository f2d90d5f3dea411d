"""Who is let in by what: the grants that a CareTeam, a Consent, a referral or a PractitionerRole stands for, as rows beside the index.

They are made from the resource alone, when it is written; what follows from all of an actor's together is worked out at each request
(`fhir_server.access.circle`). Times are microseconds since 1970-01-01 UTC, both ends included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from itertools import islice
from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.temporal import parse_temporal
from fhir_server.search.sight.grant import ANYBODY, BEGINNING, BREAK_GLASS, END, PRIVACY, Grant, Kind
from fhir_server.search.types.reference import reference_reader

GRANTING = ("CareTeam", "Consent", "DocumentReference", "PractitionerRole", "ServiceRequest", "Task")
"""The types that grants are made from."""

DMP_USE = "https://passerelle.care/fhir/CodeSystem/dmp-use"
"""System of the category of a Consent about the DMP (profile passerelle-consent-dmp)."""

MOST = 10_000
"""Grants of one resource that is written."""

_SENT = ("active", "on-hold", "completed")
_DEAD = ("draft", "rejected", "cancelled", "failed", "entered-in-error")
_ACCESSING = ("access", "use", "disclose")
_NARROWING = ("class", "data", "code", "securityLabel", "dataPeriod")

Period = tuple[int, int]
Interval = Callable[[str], Period]


class Grants:
    """Reads grants; dates without an offset are in `zone`, `base` is this server's own URL."""

    def __init__(self, zone: tzinfo, base: str | None = None):
        self._zone = zone
        self._target = reference_reader(base.rstrip("/") if base else None)

    def of(self, resource: Resource, id_: str) -> list[Grant]:
        """The grants of a resource that stands under this id; of most none."""
        return list(dict.fromkeys(self._each(resource, id_)))

    def require_few(self, resource: Resource, id_: str) -> None:
        """INVALID where there are more than MOST: a Consent has one for each of its actors and each of what it is about."""
        if next(islice(self._each(resource, id_), MOST, None), None) is not None:
            sentence = f"This {resource['resourceType']} lets in, names or keeps out more than {MOST} times; divide it."
            raise fault(Category.INVALID, "too-costly", sentence)

    def _each(self, resource: Resource, id_: str) -> Iterator[Grant]:
        make = _BY_TYPE.get(resource["resourceType"])
        return make(self, resource, f"{resource['resourceType']}/{id_}") if make else iter(())

    def local(self, reference: Any) -> str:
        """`Type/id` of a resource of this server; "" for anything else."""
        text = reference.get("reference") if type(reference) is dict else reference
        if type(text) is not str:
            return ""
        id_, type_name, _ = self._target(text)[0]
        return f"{type_name}/{id_}" if type_name else ""

    def locals(self, references: Any) -> Iterator[str]:
        """Those of one or several references that are of this server."""
        for one in references if type(references) is list else (references,):
            if found := self.local(one):
                yield found

    def person(self, reference: Any) -> str:
        """The id of a Patient of this server; "" for anything else."""
        found = self.local(reference)
        return found.removeprefix("Patient/") if found.startswith("Patient/") else ""

    def period(self, *periods: Any) -> Period:
        """What all periods have in common."""
        since, until = BEGINNING, END
        for one in periods:
            if type(one) is dict:
                since = max(since, self._time(one["start"])[0] if "start" in one else BEGINNING)
                until = min(until, self._time(one["end"])[1] if "end" in one else END)
        return since, until

    def _time(self, text: str) -> Period:
        return parse_temporal(text).interval(self._zone)


def _care_team(read: Grants, team: Resource, _: str) -> Iterator[Grant]:
    """Who stands in an active care team, and the structure that manages it."""
    person = read.person(team.get("subject"))
    if not person or team.get("status") != "active":
        return
    for member in team.get("participant", ()):
        for actor in (*read.locals(member.get("member")), *read.locals(member.get("onBehalfOf"))):
            yield Grant("circle", actor, person, "", *read.period(team.get("period"), member.get("period")))
    for actor in read.locals(team.get("managingOrganization")):
        yield Grant("circle", actor, person, "", *read.period(team.get("period")))


def _consent(read: Grants, consent: Resource, _: str) -> Iterator[Grant]:
    """What an active consent about sharing permits and denies, the exceptions inside it included. One about the DMP says who may feed and
    read the national record, and nothing of what is here."""
    person = read.person(consent.get("patient"))
    if not person or consent.get("status") != "active" or PRIVACY not in _codes(consent.get("scope")) or _is_of_dmp(consent):
        return
    emergency = BREAK_GLASS in _codes(consent.get("policyRule"))
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(consent.get("provision") or {}, ())]
    while waiting:
        provision, outer = waiting.pop()
        periods = (*outer, provision.get("period"))
        yield from _provision(read, person, provision, periods, emergency)
        waiting += [(inner, periods) for inner in provision.get("provision", ())]


def _is_of_dmp(consent: Resource) -> bool:
    """By all its categories: one that has another beside them is about what is here as well."""
    categories = [category.get("coding", ()) for category in consent.get("category", ())]
    return bool(categories) and all(any(coding.get("system") == DMP_USE for coding in codings) for codings in categories)


def _provision(read: Grants, person: str, provision: Any, periods: tuple[Any, ...], emergency: bool) -> Iterator[Grant]:
    """A denial that cannot be kept to the letter is kept more widely, a permission more narrowly: not at all."""
    says = provision.get("type")
    if says not in ("permit", "deny"):
        return
    actors = [actor for one in provision.get("actor", ()) for actor in read.locals(one.get("reference"))]
    if says == "deny":
        kind: Kind = "deny"
        actors = actors if provision.get("actor") else [ANYBODY]
        targets = _targets(read, provision) if _is_plain(provision) else [""]
    else:
        kind = "emergency" if emergency else "permit"
        targets = _targets(read, provision) if _is_plain(provision) and _lets_use(provision) else []
    for actor in actors:
        for target in targets:
            yield Grant(kind, actor, person, target, *read.period(*periods))


def _is_plain(provision: Any) -> bool:
    """What narrows it is understood: types and single resources."""
    return not any(name in provision for name in ("code", "securityLabel", "dataPeriod"))


def _lets_use(provision: Any) -> bool:
    actions = [code for one in provision.get("action", ()) for code in _codes(one)]
    return not actions or any(code in _ACCESSING for code in actions)


def _targets(read: Grants, provision: Any) -> list[str]:
    """ "" for all, else types and single resources."""
    if not any(name in provision for name in _NARROWING):
        return [""]
    types = [str(one.get("code", "")) for one in provision.get("class", ())]
    return [one for one in (*types, *(read.local(data.get("reference")) for data in provision.get("data", ()))) if one]


def _service_request(read: Grants, request: Resource, own: str) -> Iterator[Grant]:
    """A referral that was sent: to whom, and what it names."""
    if request.get("status") in _SENT:
        for actor in read.locals(request.get("performer", ())):
            yield Grant("referral", actor, "", own)
    named = ("subject", "encounter", "requester", "basedOn", "reasonReference", "supportingInfo", "insurance", "specimen")
    for target in (target for name in named for target in read.locals(request.get(name, ()))):
        yield Grant("names", own, "", target)


def _task(read: Grants, task: Resource, own: str) -> Iterator[Grant]:
    """What somebody is asked to do: the task, what it is about, and whether they refused it."""
    owners = list(read.locals(task.get("owner")))
    focus = [*read.locals(task.get("focus")), *read.locals(task.get("basedOn", ()))]
    status = task.get("status")
    if status == "rejected":
        yield from (Grant("refusal", actor, "", target) for actor in owners for target in (own, *focus))
    if status not in _DEAD:
        asked = (*owners, *read.locals((task.get("restriction") or {}).get("recipient", ())))
        yield from (Grant("referral", actor, "", own) for actor in asked)
    named = [*focus, *(target for name in ("for", "encounter", "requester", "reasonReference") for target in read.locals(task.get(name)))]
    named += [target for name in ("input", "output") for one in task.get(name, ()) for target in read.locals(one.get("valueReference"))]
    yield from (Grant("names", own, "", target) for target in named)


def _document_reference(read: Grants, document: Resource, own: str) -> Iterator[Grant]:
    """The contents that are kept as Binary are seen with the document."""
    for content in document.get("content", ()):
        target = read.local((content.get("attachment") or {}).get("url"))
        if target.startswith("Binary/"):
            yield Grant("names", own, "", target)


def _practitioner_role(read: Grants, role: Resource, own: str) -> Iterator[Grant]:
    """A professional stands where their role stands."""
    if role.get("active") is not False:
        for actor in read.locals(role.get("practitioner")):
            yield Grant("role", actor, "", own, *read.period(role.get("period")))


_BY_TYPE: dict[str, Callable[[Grants, Resource, str], Iterator[Grant]]] = {
    "CareTeam": _care_team, "Consent": _consent, "DocumentReference": _document_reference, "PractitionerRole": _practitioner_role,
    "ServiceRequest": _service_request, "Task": _task,
}  # fmt: skip


def _codes(concept: Any) -> list[str]:
    return [str(one.get("code", "")) for one in concept.get("coding", ())] if type(concept) is dict else []

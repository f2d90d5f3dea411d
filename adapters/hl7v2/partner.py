"""What a partner is told by HL7 v2 of a resource that changes: which message, made of what, under which number. No I/O.

    ADT^A28, ADT^A31   a Patient that is new to the server, that changed
    ADT^A40            a Patient that was given up for another (Patient.link replaced-by)
    ADT^A29            a Patient that was deleted
    MDM^T02, MDM^T10   a CarePlan that became more than a draft, that changed since; each version is a document, the later ones replace
    MDM^T04            such a CarePlan that was a mistake (entered-in-error), or was deleted

Where a partner would read nothing new, nothing is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.endpoint import NOT_MADE, OutgoingMessage, Resource
from adapters.hl7v2.outgoing import MessageMap, Route
from fhir_server.model.issue import FhirError

CONTENT_TYPE = "application/hl7-v2"


@dataclass(frozen=True, slots=True)
class Partner:
    """`name`: its destination. `application` and `facility`: MSH-5 and MSH-6, and who it is when it sends itself; `from_application`
    and `from_facility`: MSH-3 and MSH-4. `sends`: the events that it is told, `ADT^A28`. `client`: the registered client that decides
    what it may be told, and whose changes it need not be told.
    `acknowledged`: where application acknowledgements of what it sends go to its destination, their MSH-15 (AL, NE)."""

    name: str
    application: str
    facility: str
    from_application: str = "PASSERELLE"
    from_facility: str = ""
    processing: str = "P"
    sends: tuple[str, ...] = ()
    client: str = ""
    acknowledged: str = ""

    @property
    def sender(self) -> str:
        return f"{self.application}|{self.facility}"

    def is_from(self, by: str) -> bool:
        """True where it said so itself."""
        return bool(by) and by in (self.sender, self.client)

    def route(self, key: str, time: datetime) -> Route:
        """The same change has the same MSH-10 (20 characters, as HL7 2.5 has it)."""
        number = hashlib.sha256(f"{self.name} {key}".encode()).hexdigest()[:20].upper()
        return Route(self.from_application, self.from_facility, self.application, self.facility, number, time, self.processing)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a type is told: the maps of the `first` message, the `later` ones, and that of its end, `over`, and of one that was given up for
    another, `merged`. `references`: elements whose targets a message is made of beside the resource."""

    first: str
    later: str
    over: str
    references: tuple[str, ...]
    merged: str = ""

    @property
    def maps(self) -> frozenset[str]:
        return frozenset((self.first, self.later, self.over, self.merged)) - {""}


KINDS: Mapping[str, Kind] = {
    "Patient": Kind("adt_a28", "adt_a31", "adt_a29", ("generalPractitioner",), "adt_a40"),
    "CarePlan": Kind("mdm_t02", "mdm_t10", "mdm_t04", ("subject", "author")),
}
EVENTS = ("ADT^A28", "ADT^A29", "ADT^A31", "ADT^A40", "MDM^T02", "MDM^T04", "MDM^T10")
NOT_FOR_OTHERS = ("draft", "entered-in-error", "unknown")


def is_told(resource: Resource | None) -> bool:
    """False for a plan that is only being drawn up, or a mistake, and for a record that was merged into another."""
    if resource is None:
        return False
    if resource["resourceType"] == "CarePlan":
        return resource.get("status") not in NOT_FOR_OTHERS
    return not any(link.get("type") == "replaced-by" for link in resource.get("link", []))


def survivor_of(resource: Resource) -> str:
    """The reference of the record that a Patient was given up for, "" for none."""
    given_up = (link for link in resource.get("link", []) if link.get("type") == "replaced-by")
    return next((str((link.get("other") or {}).get("reference") or "") for link in given_up), "")


def references(resource: Resource) -> list[str]:
    """What a message of the resource is made of beside it."""
    values = [resource.get(name) or [] for name in KINDS[resource["resourceType"]].references]
    listed = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [*(str(one.get("reference") or "") for one in listed), *filter(None, [survivor_of(resource)])]


@dataclass(frozen=True, slots=True)
class Change:
    """What will stand (`resource`, with its id, versionId and lastUpdated), what stands until then, and what its references lead to.

    Of what is `deleted` `resource` is what stood, as the version that its deletion is.
    """

    resource: Resource
    previous: Resource | None
    around: Sequence[Resource]
    deleted: bool = False

    @property
    def stands(self) -> bool:
        """Whether a partner may be told of it as something that is."""
        return not self.deleted and is_told(self.resource)

    @property
    def key(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}/{self.resource['meta']['versionId']}"

    @property
    def person(self) -> str:
        """Whose order is kept: `Patient/12`, "" for a person who is not of this server."""
        if self.resource["resourceType"] == "Patient":
            return f"Patient/{self.resource['id']}"
        reference = str((self.resource.get("subject") or {}).get("reference", ""))
        return reference if reference.startswith("Patient/") else ""


def announced(
    partner: Partner, maps: Mapping[str, MessageMap], change: Change, time: datetime, replaces: str = ""
) -> OutgoingMessage | None:
    """The message that tells the partner of a change, None where there is nothing to tell.

    `replaces`: the number of the document that the partner had of this plan before. What cannot be made is told by what is wrong.
    """
    route, name = partner.route(change.key, time), _message(change, replaces)
    if not name or _event(maps[name]) not in partner.sends:
        return None
    if change.stands and not _says_more(maps[KINDS[change.resource["resourceType"]].first], change, route):
        return None
    body = _composed(maps[name], *_made_of(change, name, replaces), route)
    one = OutgoingMessage(partner.name, change.key, b"", CONTENT_TYPE, change.person)
    return replace(one, body=body) if isinstance(body, bytes) else replace(one, body=body.encode(), content_type=NOT_MADE)


def _message(change: Change, replaces: str) -> str:
    """The name of the map of the message that tells of a change, "" for none."""
    kind, stood = KINDS[change.resource["resourceType"]], is_told(change.previous)
    had = bool(replaces) if change.resource["resourceType"] == "CarePlan" else stood
    if change.stands:
        return kind.later if had else kind.first
    if survivor_of(change.resource) and not change.deleted:
        return kind.merged if stood or change.previous is None else ""
    return kind.over if stood and had and _is_over(change) else ""


def _is_over(change: Change) -> bool:
    """Not a plan that is drawn up anew: the partner keeps what it has until the next version."""
    return change.deleted or change.resource.get("status") == "entered-in-error"


def _made_of(change: Change, name: str, replaces: str) -> tuple[Resource, Sequence[Resource]]:
    """The resource that a message is about, and those beside it: what is over as it stood, of a merge the one that stays."""
    meta, beside = change.resource["meta"], [*change.around, *([_replacing(replaces)] if replaces else [])]
    if change.stands:
        return change.resource, beside
    if name == KINDS[change.resource["resourceType"]].merged:
        place = survivor_of(change.resource)
        stays = next((one for one in change.around if f"{one['resourceType']}/{one.get('id')}" == place), {"resourceType": "Patient"})
        link = [{"other": {"reference": f"Patient/{change.resource['id']}"}, "type": "replaces"}]
        return {**stays, "meta": meta, "link": link}, [change.resource]
    return {**(change.previous or change.resource), "meta": meta}, beside


def document_number(plan: Resource) -> str:
    """TXA-12 of the plan, as the maps make it."""
    return f"{plan['id']}-{plan['meta']['versionId']}"


def _event(message: MessageMap) -> str:
    """MSH-9.1 and .2."""
    return "^".join(message.event.split("^")[:2])


def _says_more(message: MessageMap, change: Change, route: Route) -> bool:
    """Whether the partner would read something else than of what stood before."""
    if change.previous is None or not is_told(change.previous):
        return True
    before = {**change.previous, "meta": change.resource["meta"]}
    return _composed(message, before, change.around, route) != _composed(message, change.resource, change.around, route)


def _composed(message: MessageMap, resource: Resource, around: Sequence[Resource], route: Route) -> bytes | str:
    """The message, or what is wrong: codes and places, never what the resource says."""
    try:
        return message.compose([resource, *around], route)
    except FhirError as error:
        return "; ".join(f"{one.code} {one.expression or ''}".strip() for one in error.issues if one.is_error)


def _replacing(number: str) -> Resource:
    target = {"identifier": {"value": number}}
    return {"resourceType": "DocumentReference", "status": "current", "relatesTo": [{"code": "replaces", "target": target}]}

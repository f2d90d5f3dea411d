"""The world of the matrix: persons who stand in each relation to those who ask, what is kept about each, and who asks.

Everything is said as facts (`Person`, `Piece`), and stored as the resources that say the same; `tests.access.oracle` knows the facts only.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from fhir_server.search.sight.marks import TENANT_SYSTEM
from fhir_server.security.caller import Caller
from fhir_server.security.scope import Scope
from tests.access.people import OFFICER, PATIENT, SYSTEM, USER, care_team, consent, observation, patient, reference, referral, task

Resource = dict[str, Any]
When = Literal["now", "past", "future"]
PERIODS: dict[When, dict[str, str]] = {"now": {"start": "2020-01-01"}, "past": {"end": "2020-01-01"}, "future": {"start": "2999-01-01"}}
OURS, THEIRS = "ours", "theirs"
GP, DAC, CARER, ROLE = "Practitioner/gp", "Organization/dac", "RelatedPerson/carer", "PractitionerRole/gp-role"
ALL = (GP, DAC, CARER)
LABORATORY, SOCIAL = "laboratory", "social-history"
VICTIMS = ("delete", "match", "batch", "transaction")
"""Ways to delete; each caller has a Flag of each person to try each on."""


@dataclass(frozen=True)
class Person:
    """`members` stand in their care team; a referral about them is addressed to `referred`, who refused it if `refused`; consents that hold
    now permit and deny (an empty name denies everybody), or open in an emergency."""

    id: str
    members: tuple[str, ...] = ()
    when: When = "now"
    referred: tuple[str, ...] = ()
    refused: bool = False
    permits: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    tenant: str = OURS


PERSONS = (
    Person("circle", members=ALL),
    Person("left", members=ALL, when="past"),
    Person("soon", members=ALL, when="future"),
    Person("role", members=(ROLE,)),
    Person("referred", referred=ALL),
    Person("refused", referred=ALL, refused=True),
    Person("permit", permits=ALL),
    Person("withdrawn", withdrawn=ALL),
    Person("denied", members=ALL, denies=ALL),
    Person("closed", members=ALL, denies=("",)),
    Person("closed-but", members=ALL, permits=ALL, denies=("",)),
    Person("emergency", denies=("", *ALL), emergency=ALL),
    Person("none"),
    Person("other", members=ALL, permits=ALL, tenant=THEIRS),
)


@dataclass(frozen=True)
class Piece:
    """A resource of the world: whom it belongs to by R4's compartment, whom it is `about` beyond that, from whom it is hidden; what is
    kept of it (`category`), by which document it is held, whether a referral names it; `open` to all who have scopes."""

    type: str
    id: str
    of: str = ""
    about: str = ""
    hidden: str = ""
    category: str = ""
    held: str = ""
    named: bool = False
    open: bool = False
    tenant: str = OURS
    body: Resource = field(default_factory=dict, compare=False)

    @property
    def place(self) -> str:
        return f"{self.type}/{self.id}"


@dataclass(frozen=True)
class Who:
    """A caller as the oracle knows them: `actor` in the record, one `patient`, the `whole` of a tenant; `can` the scopes' letters;
    `only` the category that they are narrowed to, of Observations alone."""

    name: str
    caller: Caller
    actor: str = ""
    patient: str = ""
    whole: bool = False
    officer: bool = False
    can: str = "cruds"
    only: str = ""


def _caller(name: str, scopes: tuple[Scope, ...], actor: str = "", tenant: str = OURS, **more: Any) -> Caller:
    type_name, _, id_ = actor.partition("/")
    return Caller(name, "software", scopes, actors=frozenset([(type_name, id_)] if actor else ()), tenant=tenant, **more)


_READS: Any = frozenset("rs")
GRANULAR = (Scope("user", "Observation", _READS, (("category", LABORATORY),)),)
CALLERS = (
    Who("gp", _caller("gp", USER, GP), GP),
    Who("structure", _caller("dac", SYSTEM, DAC), DAC),
    Who("person", _caller("person", PATIENT, patient="circle"), patient="circle"),
    Who("alone", _caller("alone", PATIENT, patient="none"), patient="none"),
    Who("carer", _caller("carer", USER, CARER), CARER),
    Who("stranger", _caller("stranger", USER, "Practitioner/stranger"), "Practitioner/stranger"),
    Who("hospital", _caller("hospital", SYSTEM, whole=True), whole=True),
    Who("officer", _caller("officer", SYSTEM, whole=True, roles=OFFICER.roles), whole=True, officer=True),
    Who("unscoped", _caller("unscoped", (), GP), GP, can=""),
    Who("reader", _caller("reader", (Scope("user", "*", _READS),), GP), GP, can="rs"),
    Who("granular", _caller("granular", GRANULAR, GP), GP, can="rs", only=LABORATORY),
)
KEEPERS = {tenant: _caller(f"keeper of {tenant}", SYSTEM, tenant=tenant, whole=True) for tenant in (OURS, THEIRS)}


def pieces() -> list[Piece]:
    """All that is kept, to be stored in this order."""
    return [*_directory(), *(piece for person in PERSONS for piece in _about(person)), *_nobodys()]


def _directory() -> Iterator[Piece]:
    for place in (GP, DAC, "Practitioner/stranger"):
        type_name, _, id_ = place.partition("/")
        yield Piece(type_name, id_, open=True, body={})
    yield Piece("PractitionerRole", "gp-role", open=True, body={"practitioner": reference(GP)})
    yield Piece("Questionnaire", "form", open=True, body={"status": "active"})


def _nobodys() -> Iterator[Piece]:
    """What belongs to no person is seen by who serves the whole."""
    yield Piece("Bundle", "papers", body={"type": "collection", "entry": [{"resource": observation("inside", "circle")}]})
    yield Piece("Observation", "of-nobody", body={"status": "final", "code": {"text": "weight"}})
    yield Piece("Group", "both", of="circle none", body=_group("circle", "none"))


def _group(*ids: str) -> Resource:
    return {"type": "person", "actual": True, "member": [{"entity": reference(f"Patient/{one}")} for one in ids]}


def _observation(person: Person, id_: str, category: str = SOCIAL, hidden: str = "", code: str = "", **more: Any) -> Piece:
    body = observation("", person.id, category=[{"coding": [{"code": category}]}], **more)
    security = {"meta": {"security": [{"code": code}]}} if code else {}
    return Piece(
        "Observation", f"{person.id}-{id_}", person.id, hidden=hidden, category=category, named=id_ == "named", tenant=person.tenant,
        body=body | security,
    )  # fmt: skip


def _about(person: Person) -> Iterator[Piece]:
    p, tenant, subject = person.id, person.tenant, reference(f"Patient/{person.id}")

    def piece(type_name: str, id_: str, body: Resource, **more: Any) -> Piece:
        return Piece(type_name, id_, **{"of": p, "tenant": tenant, "body": body} | more)

    yield piece("Patient", p, patient(p), named=True)
    yield _observation(person, "named", LABORATORY)
    yield _observation(person, "lab", LABORATORY, hasMember=[reference(f"Observation/{p}-named/_history/1")])
    yield _observation(person, "social", performer=[reference(GP)])
    yield _observation(person, "masked", LABORATORY, "professional", "MASQUE_PS")
    yield _observation(person, "unseen", LABORATORY, "patient", "INVISIBLE_PATIENT")
    yield _observation(person, "kept", LABORATORY, "representative", "INVISIBLE_REPRESENTANTS_LEGAUX")
    flag = {"status": "active", "code": {"text": "x"}, "subject": subject}
    yield from (piece("Flag", victim(person, who, way), flag) for who in CALLERS for way in ways(who))
    yield piece("Encounter", f"{p}-stay", {"status": "finished", "class": {"code": "IMP"}, "subject": subject})
    yield piece("RelatedPerson", f"{p}-kin", {"patient": subject})
    yield piece("Device", f"{p}-device", {"patient": subject}, of="", about=p)
    listed = [{"item": reference(f"Observation/{p}-lab")}]
    yield piece("List", f"{p}-list", {"status": "current", "mode": "working", "subject": subject, "entry": listed})
    made = {"recorded": "2025-01-01T00:00:00Z", "agent": [{"who": reference(GP)}]}
    yield piece("Provenance", f"{p}-origin", {"target": [subject], **made})
    inside = [{"resourceType": "Patient", "id": "none"}]
    yield piece("Basic", f"{p}-basic", {"code": {"text": "x"}, "subject": subject, "contained": inside})
    yield piece("Composition", f"{p}-composition", _composition(p))
    form = {"resourceType": "Questionnaire", "id": "f", "status": "active"}
    answers = {"status": "completed", "questionnaire": "#f", "contained": [form], "subject": subject}
    yield piece("QuestionnaireResponse", f"{p}-answers", answers)
    yield from _documents(person)
    yield from _grounds(person)


def ways(who: Who) -> tuple[str, ...]:
    """By which some try to delete: the entries of bundles go the same way for all."""
    return VICTIMS if who.name in ("gp", "hospital", "reader") else VICTIMS[:1]


def victim(person: Person, who: Who, way: str) -> str:
    """The id of a Flag that they may try to delete in this way."""
    return f"{person.id}-{way}-{who.name}"


def _composition(p: str) -> Resource:
    return {
        "status": "final", "type": {"text": "note"}, "subject": reference(f"Patient/{p}"), "date": "2025-01-01", "title": "note",
        "author": [reference(GP)], "section": [{"entry": [reference(f"Observation/{p}-lab")]}],
    }  # fmt: skip


def _documents(person: Person) -> Iterator[Piece]:
    """One that is shown and one that is masked, each with its content."""
    for id_, label, hidden in (("shown", "", ""), ("hidden", "MASQUE_PS", "professional")):
        name = f"{person.id}-{id_}"
        content = base64.b64encode(name.encode()).decode()
        held = {"contentType": "text/plain", "data": content, "securityContext": reference(f"Patient/{person.id}")}
        yield Piece("Binary", name, held=name, hidden=hidden, tenant=person.tenant, body=held)
        labelled = {"securityLabel": [{"coding": [{"code": label}]}]} if label else {}
        body = {"status": "current", "subject": reference(f"Patient/{person.id}"), "content": [{"attachment": {"url": f"Binary/{name}"}}]}
        yield Piece("DocumentReference", name, person.id, hidden=hidden, tenant=person.tenant, body=body | labelled)


def _grounds(person: Person) -> Iterator[Piece]:
    """The resources that the relations are made of."""
    p = person.id

    def piece(resource: Resource, **more: Any) -> Piece:
        return Piece(resource["resourceType"], resource["id"], p, tenant=person.tenant, body=resource, **more)

    if person.members:
        yield piece(care_team(f"{p}-team", p, *({"member": reference(one), "period": PERIODS[person.when]} for one in person.members)))
    for number, to in enumerate(person.referred):
        yield piece(referral(f"{p}-sr{number}", p, to, supportingInfo=[reference(f"Observation/{p}-named")]), named=True)
        if person.refused:
            refusal = task(f"{p}-no{number}", "rejected", to, f"ServiceRequest/{p}-sr{number}", p)
            yield Piece("Task", f"{p}-no{number}", about=p, body=refusal)
    if person.permits:
        yield piece(consent(f"{p}-permit", p, "permit", *person.permits))
    if person.withdrawn:
        yield piece(consent(f"{p}-withdrawn", p, "permit", *person.withdrawn, status="inactive"))
    for number, name in enumerate(person.denies):
        yield piece(consent(f"{p}-deny{number}", p, "deny", *([name] if name else [])))
    if person.emergency:
        glass = consent(f"{p}-glass", p, "permit", *person.emergency)
        yield piece(glass | {"policyRule": {"coding": [{"code": "BTG"}]}})


def resource(piece: Piece) -> Resource:
    """What is sent."""
    return {**piece.body, "resourceType": piece.type, "id": piece.id}


def stored(piece: Piece) -> Resource:
    """The same, kept for its tenant."""
    found = resource(piece)
    if piece.open:
        return found
    tag = {"system": TENANT_SYSTEM, "code": piece.tenant}
    return found | {"meta": {**found.get("meta", {}), "tag": [tag]}}

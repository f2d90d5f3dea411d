"""An entry of the trail as an AuditEvent (https://hl7.org/fhir/R4/auditevent.html), in the shape of IHE's Basic Audit Log Patterns
(https://profiles.ihe.net/ITI/BALP/): their profiles of RESTful interactions, each also in its form for one patient.

A profile is claimed where the entry has all that it asks for. Those of BALP are for what succeeded; a refusal claims none, and has the
same shape with another outcome.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_server.model.json_format import Resource
from fhir_server.store.audit import AuditEntry, AuditRecord
from fhir_server.store.stored import Stored, instant

Element = dict[str, Any]
SEARCHES = frozenset(("search-type", "search-system"))
_ONE_ENTITY = frozenset(("read", "vread", "create", "update", "patch", "delete"))
ERASED = "The text of the search has been erased."


def audit_event(record: AuditRecord, base: str) -> Resource:
    """The AuditEvent; `base` is this server's own URL."""
    entry = record.entry
    entities = list(_entities(record))
    return {
        "resourceType": "AuditEvent",
        "id": record.id,
        "meta": {"versionId": "1", "lastUpdated": instant(entry.recorded)} | _profile(entry),
        "type": _coding("event", "rest", "RESTful Operation") if entry.method else _coding("dicom", "110100", "Application Activity"),
        "subtype": _subtypes(entry),
        "action": entry.action,
        "recorded": instant(entry.recorded),
        "outcome": str(entry.outcome),
        **({"outcomeDesc": entry.about} if entry.about else {}),
        **({"purposeOfEvent": [{"text": entry.reason}]} if entry.reason else {}),
        "agent": list(_agents(entry, base)),
        "source": _source(entry, base),
        **({"entity": entities} if entities else {}),
    }


def stored_event(record: AuditRecord, content: bytes) -> Stored:
    """An AuditEvent as if it were stored: the only version of itself."""
    return Stored("AuditEvent", record.id, 1, record.entry.recorded, "POST", content, record.number)


def _profile(entry: AuditEntry) -> Element:
    """The profile of BALP that the entry has everything for, if there is one."""
    name = _shape(entry)["profile"]
    if not name or entry.outcome or not entry.address or not entry.subject:
        return {}
    if entry.interaction in _ONE_ENTITY and len(entry.entities) != 1:
        return {}
    if entry.interaction in SEARCHES and entry.query is None:
        return {}
    patient = "Patient" if len(entry.patients) == 1 else ""
    return {"profile": [f"{_codes()['profiles']}{patient}{name}"]}


def _subtypes(entry: AuditEntry) -> list[Element]:
    if entry.interaction.startswith("$"):
        return [_coding("interaction", "operation"), {"code": entry.interaction[1:], "display": entry.interaction}]
    return [_coding("interaction", entry.interaction)]


def _agents(entry: AuditEntry, base: str) -> Iterator[Element]:
    shape = _shape(entry)
    network = {"network": {"address": entry.address, "type": "2"}} if entry.address else {}
    client = entry.client or "unknown"
    yield {"type": _concept(shape["client"]), "who": _named(client), "requestor": False, **network}
    yield {"type": _concept(shape["server"]), "who": _named("Passerelle"), "requestor": False, "network": {"address": base, "type": "5"}}
    if entry.subject:
        yield _user(entry, shape)
    for type_, id_ in entry.actors[1:]:
        yield {"who": {"reference": f"{type_}/{id_}"}, "requestor": False}


def _user(entry: AuditEntry, shape: Mapping[str, Any]) -> Element:
    """Who is responsible: in the record where he is somebody there, else by the identifier that he came with."""
    who: Element = {"reference": "/".join(entry.actors[0])} if entry.actors else {"identifier": {"value": entry.subject}}
    user: Element = {"type": _concept(shape["user"]), "who": who | ({"display": entry.name} if entry.name else {}), "altId": entry.subject}
    user |= ({"name": entry.name} if entry.name else {}) | {"requestor": True}
    return user | ({"purposeOfUse": [{"coding": [_coding("reason", entry.purpose)]}]} if entry.purpose else {})


def _source(entry: AuditEntry, base: str) -> Element:
    site = {"site": entry.tenant} if entry.tenant else {}
    observer = _named("Passerelle") | {"identifier": {"value": base}}
    return {**site, "observer": observer, "type": [_coding("source", "4", "Application Server")]}


def _entities(record: AuditRecord) -> Iterator[Element]:
    entry = record.entry
    for number, (type_, id_, version) in enumerate(entry.entities):
        what = {"reference": f"{type_}/{id_}" + (f"/_history/{version}" if version else "")}
        first = not number and entry.interaction not in SEARCHES
        kind = _coding("entity", "2", "System Object") if first else _coding("types", type_)
        yield {"what": what, "type": kind, "role": _coding("role", "4", "Domain Resource")}
    for id_ in entry.patients:
        person, role = _coding("entity", "1", "Person"), _coding("role", "1", "Patient")
        yield {"what": {"reference": f"Patient/{id_}"}, "type": person, "role": role}
    yield from _query(record)
    if entry.request_id:
        route = [{"type": "route", "valueString": f"{entry.method} {entry.route}"}] if entry.route else []
        yield {
            "what": {"identifier": {"value": entry.request_id}},
            "type": _coding("balp", "XrequestId"),
            **({"detail": route} if route else {}),
        }


def _query(record: AuditRecord) -> Iterator[Element]:
    query: Element = {"type": _coding("entity", "2", "System Object"), "role": _coding("role", "24", "Query")}
    if record.entry.query is not None:
        yield query | {"query": base64.b64encode(record.entry.query.encode() or b"-").decode()}
    elif record.erased:
        yield query | {"description": ERASED}


def _named(text: str) -> Element:
    return {"display": text}


def _concept(coding: tuple[str, str, str]) -> Element:
    return {"coding": [_coding(*coding)]}


def _coding(system: str, code: str, display: str = "") -> Element:
    return {"system": _codes()["systems"][system], "code": code} | ({"display": display} if display else {})


def _shape(entry: AuditEntry) -> Mapping[str, Any]:
    shape: Mapping[str, Any] = _codes()["shapes"].get(entry.interaction, _codes()["other"])
    return shape


@cache
def _codes() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))
    return found

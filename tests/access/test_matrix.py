"""Every route, each kind of caller, each relation to the person: what the server answers is what the oracle says.

A row of the matrix is a route; `ROWS` has a function for each, that asks as one caller about every person of the world and tells what is
expected and what came. A route without a row fails.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.routes import AUDITED_ROUTES
from fhir_server.store.store import Store
from fhir_server.validation import Validator
from tests.access.conftest import Callers, Server
from tests.access.oracle import changes, permitted, sees, writes_about
from tests.access.people import observation
from tests.access.world import CALLERS, KEEPERS, LABORATORY, OURS, PERSONS, SOCIAL, Piece, Who, pieces, resource, stored, victim, ways

PIECES = pieces()
BY_PLACE = {piece.place: piece for piece in PIECES}
TYPES = sorted({piece.type for piece in PIECES} - {"Flag"})
TELLING = [one for one in PIECES if one.id.rpartition("-")[2] in ("named", "lab", "social", "masked", "unseen", "kept")]
"""One of each kind, of each person."""

FEW = [one for one in TELLING if one.id.rpartition("-")[2] in ("lab", "masked")]
"""Where each request costs."""


class Cell(NamedTuple):
    """What one request is to give, and what it gave."""

    asked: str
    expected: Any
    got: Any


Row = Callable[[Server, Who], Iterable[Cell]]
Key = tuple[str, str]
INITIAL_EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"
ROWS: dict[str, dict[Key, Row]] = {"reads": {}, "searches": {}, "operations": {}, "writes": {}, "jobs": {}}


def row(part: str, *keys: str) -> Callable[[Row], Row]:
    """The function is the row of these routes (`GET /{type}/{id}`)."""

    def registered(function: Row) -> Row:
        ROWS[part] |= {(key.split()[0], key.split()[1]): function for key in keys}
        return function

    return registered


def by_get_and_post(*templates: str) -> list[str]:
    return [f"{method} {template}" for template in templates for method in ("GET", "POST")]


def status(who: Who, piece: Piece, letter: str = "r", good: int = 200) -> int:
    return 403 if not permitted(who, letter, piece.type) else good if sees(who, piece) else 404


def seen(who: Who, letter: str, wanted: Callable[[Piece], bool]) -> set[str]:
    """`Type/id` of what they see of what is wanted, where their scopes have the letter."""
    return {one.place for one in PIECES if wanted(one) and permitted(who, letter, one.type) and sees(who, one)}


def of_type(*names: str) -> Callable[[Piece], bool]:
    return lambda one: one.type in names


def everything(_: Piece) -> bool:
    return True


def places(answer: httpx.Response) -> set[str]:
    """`Type/id` of what a Bundle holds."""
    entries = answer.json().get("entry", ()) if answer.status_code == 200 else ()
    held = {f"{one['resource']['resourceType']}/{one['resource'].get('id')}" for one in entries if "resource" in one}
    return held & BY_PLACE.keys()


def found(server: Server, who: Who, path: str, expected: set[str] | int) -> Cell:
    """A cell of a search; `expected` may be the status that refuses it."""
    answer = server.get(who.caller, path)
    return Cell(path, expected, places(answer) if answer.status_code == 200 else answer.status_code)


def sent(server: Server, who: Who, path: str, form: str, expected: set[str] | int) -> Cell:
    """The same by POST of a form."""
    answer = server.form(who.caller, path, form)
    return Cell(f"POST {path}", expected, places(answer) if answer.status_code == 200 else answer.status_code)


# reads


@row("reads", "GET /{type}/{id}", "GET /Binary/{id}", "GET /OperationDefinition/{id}")
def _read(server: Server, who: Who) -> Iterator[Cell]:
    for piece in (one for one in PIECES if one.type != "Flag"):
        yield Cell(piece.place, status(who, piece), server.get(who.caller, f"/{piece.place}").status_code)


@row("reads", "GET /{type}/{id}/_history/{vid}", "GET /Binary/{id}/_history/{vid}")
def _vread(server: Server, who: Who) -> Iterator[Cell]:
    for piece in (*TELLING, *(one for one in PIECES if one.type == "Binary")):
        yield Cell(piece.place, status(who, piece), server.get(who.caller, f"/{piece.place}/_history/1").status_code)


@row("reads", "GET /{type}/{id}/_history", "GET /{type}/{id}/$meta", "GET /{type}/{id}/_history/{vid}/$meta", "GET /{type}/{id}/$validate")
def _about_one(server: Server, who: Who) -> Iterator[Cell]:
    for piece in TELLING:
        for end in ("_history", "$meta", "_history/1/$meta", "$validate") if piece in FEW else ("_history",):
            yield Cell(f"{piece.place}/{end}", status(who, piece), server.get(who.caller, f"/{piece.place}/{end}").status_code)


@row("reads", "GET /AuditEvent/{id}", "GET /AuditEvent", "POST /AuditEvent/_search")
def _trail(server: Server, who: Who) -> Iterator[Cell]:
    yield Cell("trail", 200 if who.officer else 403, server.get(who.caller, "/AuditEvent").status_code)
    yield Cell("search", 200 if who.officer else 403, server.form(who.caller, "/AuditEvent/_search", "").status_code)
    yield Cell("entry", 404 if who.officer else 403, server.get(who.caller, "/AuditEvent/1-1").status_code)


@row("reads", *by_get_and_post("/Patient/{id}/$access-history"))
def _access_history(server: Server, who: Who) -> Iterator[Cell]:
    for person in PERSONS:
        expected = 200 if who.officer or who.patient == person.id else 404
        for method in ("GET", "POST"):
            yield Cell(person.id, expected, server.ask(who.caller, method, f"/Patient/{person.id}/$access-history").status_code)


@row("reads", "GET /metadata", "GET /openapi.json", "GET /.well-known/smart-configuration")
def _of_nobody(server: Server, who: Who) -> Iterator[Cell]:
    for path in ("/metadata", "/openapi.json"):
        yield Cell(path, 200, server.get(who.caller, path).status_code)
    yield Cell("smart", 404, server.get(who.caller, "/.well-known/smart-configuration").status_code)


# searches


@row("searches", "GET /{type}", "POST /{type}/_search")
def _search(server: Server, who: Who) -> Iterator[Cell]:
    for name in TYPES:
        expected = seen(who, "s", of_type(name)) if permitted(who, "s", name) else 403
        yield found(server, who, f"/{name}?_count=1000", expected)
        yield sent(server, who, f"/{name}/_search", "_count=1000", expected)
    yield from _joined(server, who)


def _joined(server: Server, who: Who) -> Iterator[Cell]:
    """Chains, reverse chains, includes, sort: of what is seen only."""
    patients = seen(who, "s", of_type("Patient"))
    observed = {one for one in seen(who, "s", of_type("Observation")) if BY_PLACE[one].of}
    named = {one.replace("-lab", "-named") for one in observed if one.endswith("-lab")} & observed
    with_labs = {f"Patient/{BY_PLACE[one].of}" for one in observed if BY_PLACE[one].category == LABORATORY} & patients
    known = {one for one in observed if f"Patient/{BY_PLACE[one].of}" in patients}
    three = {one for one in known if BY_PLACE[one].of in ("circle", "none", "other")}
    everybody = ",".join(f"Patient/{one.id}" for one in PERSONS)
    expected = {
        f"Patient?_has:Observation:patient:category={LABORATORY}": with_labs,
        "Patient?_revinclude=Observation:patient": patients | known,
        "Observation?patient._id=circle,none,other": three,
        "Observation?has-member:missing=false&_include=Observation:has-member": {one for one in observed if one.endswith("-lab")} | named,
        f"Observation?patient={everybody}&_sort=patient": observed,
    }
    for path, found_ in expected.items():
        may = permitted(who, "s", path.partition("?")[0])
        yield found(server, who, f"/{path}&_count=1000", found_ if may else 403)
    total = server.get(who.caller, "/Observation?_summary=count")
    counted = len(seen(who, "s", of_type("Observation"))) if permitted(who, "s", "Observation") else None
    yield Cell("total", counted, total.json().get("total"))


@row("searches", "GET /", "POST /_search")
def _search_all(server: Server, who: Who) -> Iterator[Cell]:
    expected = seen(who, "s", everything)
    yield Cell("/", expected, server.found(who.caller, "/?_count=1000") & BY_PLACE.keys())
    listed = [name for name in TYPES if name != "Binary"]
    refused = any(not permitted(who, "s", name) for name in listed)
    of_types = seen(who, "s", of_type(*listed))
    yield sent(server, who, "/_search", f"_count=1000&_type={','.join(listed)}", 403 if refused else of_types)


COMPARTMENTS = ("Patient", "Encounter", "Practitioner", "RelatedPerson", "Device")


@row(
    "searches",
    *(f"GET /{name}/{{id}}/{end}" for name in COMPARTMENTS for end in ("{member}", "*")),
    *(f"POST /{name}/{{id}}/{end}/_search" for name in COMPARTMENTS for end in ("{member}", "*")),
)
def _compartments(server: Server, who: Who) -> Iterator[Cell]:
    may, may_all = permitted(who, "s", "Observation"), permitted(who, "s", "Flag") and permitted(who, "s", "Observation")
    for person in PERSONS:
        own = {one for one in seen(who, "s", everything) if person.id in BY_PLACE[one].of.split()}
        observed = {one for one in own if one.startswith("Observation/")}
        yield found(server, who, f"/Patient/{person.id}/Observation?_count=1000", observed if may else 403)
        beside = own - {f"Patient/{person.id}"}
        yield found(server, who, f"/Patient/{person.id}/*?_count=1000", beside if may_all else 403)
        yield sent(server, who, f"/Patient/{person.id}/Observation/_search", "_count=1000", observed if may else 403)
        yield sent(server, who, f"/Patient/{person.id}/*/_search", "_count=1000", beside if may_all else 403)
    social = seen(who, "s", lambda one: one.category == SOCIAL)
    yield found(server, who, "/Practitioner/gp/Observation?_count=1000", social if may else 403)
    for focus in ("Practitioner/gp", "Encounter/none-stay", "RelatedPerson/none-kin", "Device/none-device"):
        for answer in (server.get(who.caller, f"/{focus}/*?_count=1000"), server.form(who.caller, f"/{focus}/*/_search", "_count=1000")):
            yield Cell(f"{focus}/*", set(), places(answer) - seen(who, "s", everything))


@row("searches", "GET /{type}/_history", "GET /_history")
def _histories(server: Server, who: Who) -> Iterator[Cell]:
    observed = seen(who, "s", of_type("Observation"))
    expected = observed if permitted(who, "s", "Observation") else 403
    yield found(server, who, "/Observation/_history?_count=1000", expected)
    yield Cell("/_history", seen(who, "s", everything), server.found(who.caller, "/_history?_count=1000") & BY_PLACE.keys())


# operations that show


@row("operations", *by_get_and_post("/Patient/{id}/$everything", "/Patient/$everything", "/Encounter/{id}/$everything"))
def _everything(server: Server, who: Who) -> Iterator[Cell]:
    visible = seen(who, "r", everything)
    for person, method in zip(PERSONS, itertools.cycle(("GET", "POST"))):
        answer = server.ask(who.caller, method, f"/Patient/{person.id}/$everything?_count=500")
        own = {one for one in visible if person.id in (BY_PLACE[one].about, *BY_PLACE[one].of.split())}
        yield Cell(f"{person.id} {method}", status(who, BY_PLACE[f"Patient/{person.id}"]), answer.status_code)
        got = {one for one in places(answer) if not BY_PLACE[one].open}
        yield Cell(f"{person.id} {method} whole", own if answer.status_code == 200 else set(), got)
        stay = server.ask(who.caller, method, f"/Encounter/{person.id}-stay/$everything")
        yield Cell(f"{person.id} stay", status(who, BY_PLACE[f"Encounter/{person.id}-stay"]), stay.status_code)
        yield Cell(f"{person.id} stay strange", set(), places(stay) - visible)
    for method in ("GET", "POST"):
        answer = server.ask(who.caller, method, "/Patient/$everything?_count=500&_type=Patient,Observation")
        everybody = seen(who, "r", of_type("Patient", "Observation"))
        expected = {one for one in everybody if f"Patient/{BY_PLACE[one].of}" in everybody}
        got = {one for one in places(answer) if not BY_PLACE[one].open}
        yield Cell(f"all {method}", expected if permitted(who, "s", "Patient") else set(), got)


@row("operations", *by_get_and_post("/Observation/$lastn"))
def _lastn(server: Server, who: Who) -> Iterator[Cell]:
    for person in PERSONS:
        observed = [BY_PLACE[one] for one in seen(who, "s", of_type("Observation"))]
        expected = {one.place for one in observed if one.of == person.id and one.category == LABORATORY}
        asked = f"patient=Patient/{person.id}&category={LABORATORY}&max=100"
        yield found(server, who, f"/Observation/$lastn?{asked}", expected if permitted(who, "s", "Observation") else 403)
        yield sent(server, who, "/Observation/$lastn", asked, expected if permitted(who, "s", "Observation") else 403)


@row("operations", *by_get_and_post("/Subscription/$status", "/Subscription/{id}/$status", "/Subscription/{id}/$events"))
def _subscriptions(server: Server, who: Who) -> Iterator[Cell]:
    """There are none in this world; who sees which is told by tests/subscriptions."""
    for method in ("GET", "POST"):
        for path, letter, expected in (("$status", "s", 200), ("none/$status", "r", 404), ("none/$events", "r", 404)):
            got = server.ask(who.caller, method, f"/Subscription/{path}").status_code
            yield Cell(f"{method} {path}", expected if permitted(who, letter, "Subscription") else 403, got)


@row("operations", *by_get_and_post("/Subscription/$get-ws-binding-token", "/Subscription/{id}/$get-ws-binding-token"))
def _sockets(server: Server, who: Who) -> Iterator[Cell]:
    """Nothing is bound where there are none; a person's token binds nothing at all."""
    lasts = who.caller.subject == who.caller.client and not who.caller.patient
    for method in ("GET", "POST"):
        for path, letter, expected in (("$get-ws-binding-token", "s", 422), ("none/$get-ws-binding-token", "r", 404)):
            got = server.ask(who.caller, method, f"/Subscription/{path}").status_code
            yield Cell(f"{method} {path}", expected if lasts and permitted(who, letter, "Subscription") else 403, got)


@row("operations", *by_get_and_post("/Composition/{id}/$document", "/Composition/$document"))
def _document(server: Server, who: Who) -> Iterator[Cell]:
    for person in PERSONS:
        composition = BY_PLACE[f"Composition/{person.id}-composition"]
        for path in (f"/{composition.place}/$document", f"/Composition/$document?id={composition.id}"):
            for method in ("GET", "POST"):
                yield Cell(f"{method} {path}", status(who, composition), server.ask(who.caller, method, path).status_code)


@row("operations", *by_get_and_post("/$graphql", "/{type}/$graphql", "/{type}/{id}/$graphql"))
def _graphql(server: Server, who: Who) -> Iterator[Cell]:
    may = permitted(who, "s", "Observation")
    expected = {one.partition("/")[2] for one in seen(who, "s", of_type("Observation"))}
    for path in ("/$graphql", "/Observation/$graphql"):
        for answer in _graphs(server, who, path, "{ObservationList(_count:1000){id}}"):
            data = answer.json().get("data") or {}
            yield Cell(path, expected if may else set(), {one["id"] for one in data.get("ObservationList") or ()} if may else _names(data))
    for piece in FEW:
        for answer in _graphs(server, who, f"/{piece.place}/$graphql", "{id}"):
            yield Cell(piece.place, status(who, piece), answer.status_code)


def _names(data: Any) -> set[str]:
    return {piece.id for piece in PIECES if f"'{piece.id}'" in str(data)}


def _graphs(server: Server, who: Who, path: str, query: str) -> Iterator[httpx.Response]:
    yield server.get(who.caller, f"{path}?query={query}")
    yield server.ask(who.caller, "POST", path, {"query": query}, content_type="application/json")


@row("operations", "GET /$meta", "GET /{type}/$meta")
def _labels(server: Server, who: Who) -> Iterator[Cell]:
    """Labels are told of what is seen only."""
    observed = [BY_PLACE[one] for one in seen(who, "s", of_type("Observation"))]
    expected = {label["code"] for one in observed for label in one.body.get("meta", {}).get("security", ())}
    answer = server.get(who.caller, "/Observation/$meta")
    used = answer.json()["parameter"][0]["valueMeta"] if answer.status_code == 200 else {}
    got = {label["code"] for label in used.get("security", ())}
    yield Cell("type", (200 if permitted(who, "s", "Observation") else 403, expected), (answer.status_code, got))
    whole = server.get(who.caller, "/$meta")
    if "INVISIBLE_PATIENT" not in expected:
        yield Cell("system", False, "INVISIBLE_PATIENT" in whole.text)


GENDER, SYSTEM = "http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/administrative-gender"
COMPUTED = (
    f"/ValueSet/$expand?url={GENDER}",
    f"/ValueSet/$validate-code?url={GENDER}&code=male&system={SYSTEM}",
    f"/CodeSystem/$lookup?system={SYSTEM}&code=male",
    f"/CodeSystem/$validate-code?url={SYSTEM}&code=male",
    f"/CodeSystem/$subsumes?system={SYSTEM}&codeA=male&codeB=male",
)
"""What is worked out of R4's own definitions or of what is sent: everybody's who is let in."""


@row(
    "operations",
    *by_get_and_post(
        "/ValueSet/$expand", "/ValueSet/{id}/$expand", "/ValueSet/$validate-code", "/ValueSet/{id}/$validate-code",
        "/CodeSystem/$validate-code", "/CodeSystem/{id}/$validate-code", "/CodeSystem/$lookup", "/CodeSystem/$subsumes",
        "/CodeSystem/{id}/$subsumes", "/ConceptMap/$translate", "/ConceptMap/{id}/$translate",
    ),
    "POST /$validate", "POST /$fhirpath", "POST /{type}/$validate", "POST /{type}/{id}/$validate",
)  # fmt: skip
def _computed(server: Server, who: Who) -> Iterator[Cell]:
    """They show nothing of persons; one that is stored is read as any other."""
    for asked in COMPUTED:
        yield Cell(asked, 200, server.get(who.caller, asked).status_code)
    for path in ("/$validate", "/Observation/$validate", "/Observation/none-lab/$validate"):
        answer = server.ask(who.caller, "POST", path, observation("none-lab", "none"))
        yield Cell(path, 200, answer.status_code)
    for place in ("ValueSet/absent/$expand", "ValueSet/absent/$validate-code?code=x", "ConceptMap/absent/$translate?code=x"):
        answer, name = server.get(who.caller, f"/{place}"), place.partition("/")[0]
        yield Cell(place, 404 if permitted(who, "r", name) else 403, answer.status_code)


SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
TELLING_FORM: dict[str, Any] = {
    "resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": "string"}],
    "contained": [{"resourceType": "Basic", "id": "b", "code": {"_text": {"extension": [
        {"url": f"{SDC}templateExtractValue", "valueString": "%patient.id"}]}}}],
    "extension": [
        {"url": f"{SDC}launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]},
        {"url": f"{SDC}templateExtract", "extension": [{"url": "template", "valueReference": {"reference": "#b"}}]},
    ],
}  # fmt: skip
"""It puts into what is extracted who the response is about."""


@row("operations", "POST /QuestionnaireResponse/$extract", *by_get_and_post("/QuestionnaireResponse/{id}/$extract"))
def _extract(server: Server, who: Who) -> Iterator[Cell]:
    """A response is read as any other; what it names is told only to those who could read that."""
    for person in PERSONS:
        piece = BY_PLACE[f"QuestionnaireResponse/{person.id}-answers"]
        for method in ("GET", "POST"):
            answer = server.ask(who.caller, method, f"/{piece.place}/$extract")
            yield Cell(f"{method} {piece.place}", status(who, piece), answer.status_code)
        asked = {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": {"reference": f"Patient/{person.id}"}}
        sent = [{"name": "questionnaire-response", "resource": asked}, {"name": "questionnaire", "resource": TELLING_FORM}]
        answer = server.ask(who.caller, "POST", "/QuestionnaireResponse/$extract", {"resourceType": "Parameters", "parameter": sent})
        shown = [one["resource"]["entry"][0]["resource"]["code"]["text"] for one in answer.json()["parameter"] if one["name"] == "return"]
        yield Cell(f"about {person.id}", [person.id] if status(who, BY_PLACE[f"Patient/{person.id}"]) == 200 else [], shown)


FORM_OPERATIONS = [f"/Questionnaire/{where}${name}" for name in ("assemble", "questionnaire-package") for where in ("", "{id}/")]


@row("operations", *by_get_and_post(*FORM_OPERATIONS))
def _forms(server: Server, who: Who) -> Iterator[Cell]:
    """A form is read as any other resource."""
    expected = status(who, BY_PLACE["Questionnaire/form"])
    for template in FORM_OPERATIONS:
        path = template.replace("{id}", "form") if "{id}" in template else f"{template}?questionnaire=Questionnaire/form"
        for method in ("GET", "POST"):
            yield Cell(f"{method} {path}", expected, server.ask(who.caller, method, path).status_code)


def form_about(person: str) -> dict[str, Any]:
    """A form that asks for the ids of all observations of a person."""
    found = {"name": "Found", "language": "application/x-fhir-query", "expression": f"Observation?patient=Patient/{person}&_count=1000"}
    listed = {"language": "text/fhirpath", "expression": "%Found.entry.resource.id"}
    item = {"linkId": "a", "type": "string", "repeats": True, "extension": [{"url": INITIAL_EXPRESSION, "valueExpression": listed}]}
    return {
        "resourceType": "Questionnaire", "status": "active", "item": [item],
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueExpression": found}],
    }  # fmt: skip


@row("operations", *by_get_and_post("/Questionnaire/$populate", "/Questionnaire/{id}/$populate"))
def _populate(server: Server, who: Who) -> Iterator[Cell]:
    """A form is filled in with what the caller could have searched, and no more."""
    for person in PERSONS:
        sent = {"resourceType": "Parameters", "parameter": [{"name": "questionnaire", "resource": form_about(person.id)}]}
        answer = server.ask(who.caller, "POST", "/Questionnaire/$populate", sent)
        items = answer.json()["parameter"][0]["resource"].get("item", ()) if answer.status_code == 200 else ()
        got = {f"Observation/{one['valueString']}" for item in items for one in item["answer"]}
        observed = {one for one in seen(who, "s", of_type("Observation")) if BY_PLACE[one].of == person.id}
        yield Cell(f"$populate about {person.id}", observed, got & BY_PLACE.keys())
    for method in ("GET", "POST"):
        path = "/Questionnaire/form/$populate"
        yield Cell(f"{method} {path}", status(who, BY_PLACE["Questionnaire/form"]), server.ask(who.caller, method, path).status_code)
        path = "/Questionnaire/$populate?questionnaire=Questionnaire/form"
        expected = 200 if permitted(who, "r", "Questionnaire") else 403
        yield Cell(f"{method} {path}", expected, server.ask(who.caller, method, path).status_code)


@row("operations", "POST /QuestionnaireResponse/$explain-score", *by_get_and_post("/QuestionnaireResponse/{id}/$explain-score"))
def _explain_score(server: Server, who: Who) -> Iterator[Cell]:
    """What is sent with its form is worked out for everybody; what is stored is read as any other."""
    form = {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": "string"}]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    parts = [{"name": "questionnaire", "resource": form}, {"name": "questionnaire-response", "resource": response}]
    sent = {"resourceType": "Parameters", "parameter": parts}
    path = "/QuestionnaireResponse/$explain-score"
    yield Cell(path, 200, server.ask(who.caller, "POST", path, sent).status_code)
    for method in ("GET", "POST"):
        path = "/QuestionnaireResponse/absent/$explain-score"
        yield Cell(path, 404 if permitted(who, "r", "QuestionnaireResponse") else 403, server.ask(who.caller, method, path).status_code)


# writes


def changed(who: Who, piece: Piece) -> int:
    """The status of a change of what stands."""
    return status(who, piece, "u", 200 if changes(who, piece) else 422)


@row("writes", "PUT /{type}/{id}")
def _update(server: Server, who: Who) -> Iterator[Cell]:
    for piece in TELLING:
        yield Cell(piece.place, changed(who, piece), server.ask(who.caller, "PUT", f"/{piece.place}", resource(piece)).status_code)


def made_anew(who: Who) -> int:
    """The status where nothing matches that they see: who serves the whole creates."""
    return 201 if who.whole else 403


PATCH = [{"op": "add", "path": "/language", "value": "fr"}]
TAG = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "x"}]}}]}


@row("writes", "PATCH /{type}/{id}", "POST /{type}/{id}/$meta-add", "POST /{type}/{id}/$meta-delete")
def _patch(server: Server, who: Who) -> Iterator[Cell]:
    for piece in FEW:
        answer = server.ask(who.caller, "PATCH", f"/{piece.place}", PATCH, content_type="application/json-patch+json")
        read_first = status(who, piece) if status(who, piece) != 200 else changed(who, piece)
        yield Cell(piece.place, read_first, answer.status_code)
        for operation in ("$meta-add", "$meta-delete"):
            answer = server.ask(who.caller, "POST", f"/{piece.place}/{operation}", TAG)
            yield Cell(f"{piece.place}/{operation}", read_first, answer.status_code)


@row("writes", "PUT /{type}", "PATCH /{type}")
def _change_match(server: Server, who: Who) -> Iterator[Cell]:
    """What is not seen does not match; to create where nothing matches is for who serves the whole."""
    for piece in FEW:
        body = {name: value for name, value in resource(piece).items() if name != "id"}
        put = server.ask(who.caller, "PUT", f"/Observation?_id={piece.id}", body)
        is_seen = sees(who, piece)
        absent = made_anew(who)
        yield Cell(piece.place, changed(who, piece) if is_seen or not permitted(who, "u", piece.type) else absent, put.status_code)
        patch = server.ask(who.caller, "PATCH", f"/Observation?_id={piece.id}", PATCH, content_type="application/json-patch+json")
        missing = status(who, piece, "s")
        yield Cell(f"PATCH {piece.place}", missing if missing != 200 else changed(who, piece), patch.status_code)


@row("writes", "POST /{type}")
def _create(server: Server, who: Who) -> Iterator[Cell]:
    for person in PERSONS:
        answer = server.ask(who.caller, "POST", "/Observation", {**observation("x", person.id), "id": "x"})
        good = 201 if writes_about(who, person) else 422
        yield Cell(person.id, good if permitted(who, "c", "Observation") else 403, answer.status_code)
        piece = BY_PLACE[f"Observation/{person.id}-lab"]
        matched = server.ask(who.caller, "POST", "/Observation", observation("x", person.id), if_none_exist=f"_id={piece.id}")
        absent = made_anew(who)
        yield Cell(f"if none {person.id}", status(who, piece, "s") if status(who, piece, "s") != 404 else absent, matched.status_code)


@row("writes", "POST /Binary", "PUT /Binary/{id}")
def _contents(server: Server, who: Who) -> Iterator[Cell]:
    for person in PERSONS:
        about = {"content_type": "text/plain", "x_security_context": f"Patient/{person.id}"}
        good = 201 if writes_about(who, person) else 422
        made = server.raw(who.caller, "POST", "/Binary", b"x", **about)
        yield Cell(person.id, good if permitted(who, "c", "Binary") else 403, made.status_code)
        hidden = BY_PLACE[f"Binary/{person.id}-hidden"]
        put = server.raw(who.caller, "PUT", f"/{hidden.place}", b"x", content_type="text/plain")
        yield Cell(hidden.place, changed(who, hidden), put.status_code)


@row("writes", "DELETE /{type}/{id}", "DELETE /{type}", "POST /")
def _delete(server: Server, who: Who) -> Iterator[Cell]:
    """What is not seen is not there, so its deletion is answered as done, and does nothing."""
    for person in PERSONS:
        for way in ways(who):
            piece = BY_PLACE[f"Flag/{victim(person, who, way)}"]
            may = permitted(who, "d", "Flag")
            may = may and not (sees(who, piece) and not changes(who, piece))
            answered = may or (way == "match" and permitted(who, "s", "Flag") and not sees(who, piece))
            yield Cell(f"{way} {piece.place}", answered, DELETIONS[way](server, who, piece.id))
            left = server.get(KEEPERS[person.tenant], f"/{piece.place}").status_code
            yield Cell(f"{way} {piece.place} is left", 410 if may and sees(who, piece) else 200, left)


def _done(code: int | str) -> bool:
    return str(code).startswith("20")


def _bundled(kind: str) -> Callable[[Server, Who, str], bool]:
    def ask(server: Server, who: Who, id_: str) -> bool:
        entry = {"request": {"method": "DELETE", "url": f"Flag/{id_}"}}
        answer = server.ask(who.caller, "POST", "", {"resourceType": "Bundle", "type": kind, "entry": [entry]})
        return answer.status_code == 200 and _done(answer.json()["entry"][0]["response"]["status"])

    return ask


DELETIONS: dict[str, Callable[[Server, Who, str], bool]] = {
    "delete": lambda server, who, id_: _done(server.ask(who.caller, "DELETE", f"/Flag/{id_}").status_code),
    "match": lambda server, who, id_: _done(server.ask(who.caller, "DELETE", f"/Flag?_id={id_}").status_code),
    "batch": _bundled("batch"),
    "transaction": _bundled("transaction"),
}


@row("writes", "POST /Patient/{id}/$break-glass")
def _break_glass(server: Server, who: Who) -> Iterator[Cell]:
    """After all others: it opens what was closed, to professionals and structures whose scopes let them read who somebody is."""
    why = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "unconscious"}]}
    works = bool(who.actor) and not who.actor.startswith("RelatedPerson")
    may = works and permitted(who, "r", "Patient")
    for person in PERSONS:
        answer = server.ask(who.caller, "POST", f"/Patient/{person.id}/$break-glass", why)
        yield Cell(person.id, 200 if may else 403, answer.status_code)
        piece = BY_PLACE[f"Observation/{person.id}-lab"]
        opened = works and person.tenant == OURS and permitted(who, "r", "Observation")  # by them, or as whom they are in the record
        yield Cell(f"{person.id} opened", 200 if opened else status(who, piece), server.get(who.caller, f"/{piece.place}").status_code)


# asynchronous requests: as who asked, for who asked


@row(
    "jobs", *by_get_and_post("/$export", "/Patient/$export", "/Group/{id}/$export"), "GET /Group/$export", "GET /_jobs/{id}",
    "GET /_jobs/{id}/{member}", "DELETE /_jobs/{id}",
)  # fmt: skip
def _export(server: Server, who: Who) -> Iterator[Cell]:
    may = permitted(who, "r", "Observation")
    observed = seen(who, "r", of_type("Observation"))
    group = {one for one in observed if BY_PLACE[one].of in ("circle", "none")}
    of_persons = {one for one in observed if BY_PLACE[one].of}
    for method in ("GET", "POST") if who.name == "gp" else ("GET",):
        yield Cell(f"{method} system", observed if may else 403, exported(server, who, method, "/$export?_type=Observation"))
        yield Cell(f"{method} patients", of_persons if may else 403, exported(server, who, method, "/Patient/$export?_type=Observation"))
        both = BY_PLACE["Group/both"]
        expected = group if status(who, both) == 200 else status(who, both)
        yield Cell(f"{method} group", expected, exported(server, who, method, "/Group/both/$export?_type=Observation"))
    yield Cell("which group", 400, server.ask(who.caller, "GET", "/Group/$export").status_code)


@row("jobs", "GET /_exchange", "GET /_exchange/{id}", "POST /_exchange/_replay", "POST /_exchange/_pause", "POST /_exchange/_resume")
def _messages(server: Server, who: Who) -> Iterator[Cell]:
    """For administrators of the whole server only, whatever the scopes."""
    may = "administrator" in who.caller.roles and not who.caller.tenant
    asked = (("GET", "", 200), ("GET", "/out-999", 404), ("POST", "/_replay?status=dead", 200), ("POST", "/_pause?destination=x", 200))
    for method, end, good in (*asked, ("POST", "/_resume?destination=x", 200)):
        yield Cell(f"{method} {end}", good if may else 403, server.ask(who.caller, method, f"/_exchange{end}").status_code)


@row("jobs", "POST /$import")
def _import(server: Server, who: Who) -> Iterator[Cell]:
    """Each line is judged as an update of its own."""
    lines = [httpx.Request("POST", "http://x", json=resource(piece)).content for piece in TELLING]
    begun = server.raw(who.caller, "POST", "/$import", b"\n".join(lines), content_type="application/fhir+ndjson")
    status_of_job = finished(server, who, begun)
    stored = sum(one["count"] for one in status_of_job.json()["outcome"])
    yield Cell("import", sum(changed(who, piece) == 200 for piece in TELLING), stored)


def exported(server: Server, who: Who, method: str, path: str) -> set[str] | int:
    """What the files hold, or the status that refuses; nobody else is shown the job."""
    answer = finished(server, who, server.ask(who.caller, method, path))
    if answer.status_code != 200:
        return answer.status_code
    held: set[str] = set()
    for file in answer.json()["output"]:
        other = next(one for one in CALLERS if one.caller != who.caller)
        place = file["url"].removeprefix(server.BASE)
        assert [server.ask(other.caller, verb, place.rpartition("/")[0]).status_code for verb in ("GET", "DELETE")] == [404, 404]
        assert server.get(other.caller, place).status_code == 404
        content = server.get(who.caller, place).content
        lines = [httpx.Response(200, content=line).json() for line in content.splitlines()]
        held |= {f"{one['resourceType']}/{one['id']}" for one in lines}
    return held


def finished(server: Server, who: Who, begun: httpx.Response) -> httpx.Response:
    """The first answer about the job that is not 202; a refusal itself."""
    if begun.status_code != 202:
        return begun
    place = begun.headers["content-location"].removeprefix(server.BASE)
    for _ in range(1000):
        answer = server.get(who.caller, place)
        if answer.status_code != 202:
            return answer
        server.wait(asyncio.sleep(0.002))
    raise AssertionError("the request never came to an end")


@pytest.fixture
def world(store: Store, definitions: Definitions, validator: Validator, run: Callable[[Any], Any]) -> Iterator[Server]:
    callers = Callers()
    interactions = Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
    application = fhir_application(interactions, validator, routes=AUDITED_ROUTES, authentication=callers)
    opened = Server(application, callers, run)
    opened.store(*(stored(piece) for piece in PIECES))
    yield opened
    run(application.service.runner.close())
    opened.close()


@pytest.mark.parametrize("part", ROWS)
def test_each_cell_is_as_the_oracle_says(world: Server, part: str) -> None:
    cells = 0
    wrong: list[str] = []
    for function in dict.fromkeys(ROWS[part].values()):
        for who in CALLERS:
            for cell in function(world, who):
                cells += 1
                if cell.expected != cell.got:
                    wrong.append(f"{function.__name__} {who.name}: {cell.asked}: {_difference(cell)}")
    logging.getLogger(__name__).info("%s: %d cells", part, cells)
    assert not wrong, f"{len(wrong)} of {cells} cells differ:\n" + "\n".join(wrong[:60])


def _difference(cell: Cell) -> str:
    if isinstance(cell.expected, set) and isinstance(cell.got, set):
        return f"shown though hidden {sorted(cell.got - cell.expected)[:8]}, hidden though seen {sorted(cell.expected - cell.got)[:8]}"
    return f"expected {cell.expected!r:.200}, got {cell.got!r:.200}"


def test_each_route_has_a_row() -> None:
    """A new route needs a line here, which says who gets what by it."""
    routes = {(route.method, address) for route in AUDITED_ROUTES for address in route.addresses}
    rows = {key for part in ROWS.values() for key in part}
    assert rows == routes

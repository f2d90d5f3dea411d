"""What the CapabilityStatement declares is done, line by line, and nothing is declared that no proof is written for, nor proven that
is not declared (https://hl7.org/fhir/R4/capabilitystatement.html).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fhir_server.rest.routes import ROUTES
from fhir_server.search.modifier import MODIFIERS

Proof = Callable[[Any, dict[str, Any]], None]
PROOFS: dict[str, Proof] = {}
JSON_PATCH = {"content-type": "application/json-patch+json"}
STRICT = {"prefer": "handling=strict"}
FLAGS = ("versioning", "readHistory", "updateCreate", "conditionalCreate", "conditionalRead", "conditionalUpdate", "conditionalDelete")
VALUES = {
    "string": "a", "token": "a", "reference": "Patient/1", "uri": "http://example.org", "number": "1", "quantity": "1", "date": "2026",
    "near": "48|2|1|km", "_filter": "_id eq 1", "_list": "1", "_id": "1", "_text": "a", "_content": "a",
    "_has": "1",
}  # fmt: skip


def proves(*features: str) -> Callable[[Proof], Proof]:
    """The function proves these lines of a type's or the server's declaration; it is called with a client and what it is declared for."""

    def registered(proof: Proof) -> Proof:
        PROOFS.update(dict.fromkeys(features, proof))
        return proof

    return registered


@pytest.fixture
def rest(client):
    return client.get("/metadata").json()["rest"][0]


def features(statement: dict[str, Any]) -> Iterator[str]:
    """The lines of a CapabilityStatement that differ in what a server does."""
    yield from (f"format:{one}" for one in statement["format"])
    yield from (f"patchFormat:{one}" for one in statement["patchFormat"])
    rest = statement["rest"][0]
    yield from (f"system:{one['code']}" for one in rest["interaction"])
    yield from (f"operation:{one['name']}" for one in rest.get("operation", ()))
    yield from ("compartment" for _ in rest["compartment"])
    for resource in rest["resource"]:
        yield from (f"interaction:{one['code']}" for one in resource["interaction"])
        yield from (f"operation:{one['name']}" for one in resource.get("operation", ()))
        yield from (f"searchParam:{one['type']}" for one in resource["searchParam"])
        yield from (f"{flag}:{resource[flag]}" for flag in FLAGS)
        yield from (f"referencePolicy:{one}" for one in resource["referencePolicy"])
        yield from (name for name in ("searchInclude", "searchRevInclude") if resource.get(name))


def created(client: Any, name: str) -> str:
    answer = client.post(f"/{name}", {"resourceType": name})
    assert answer.status_code == 201, (name, answer.text)
    assert answer.json()["resourceType"] == name
    found = re.search(rf"/{name}/([A-Za-z0-9.-]+)/_history/1$", answer.headers["location"])
    assert found
    return found[1]


@proves("interaction:create", "interaction:read", "interaction:vread", "versioning:versioned-update", "readHistory:True")
def _create_and_read(client, resource):
    name = resource["type"]
    id_ = created(client, name)
    for path in (f"/{name}/{id_}", f"/{name}/{id_}/_history/1"):
        answer = client.get(path, accept="application/fhir+json")
        assert (answer.status_code, answer.headers["etag"], answer.json()["id"]) == (200, 'W/"1"', id_)
    stale = client.put(f"/{name}/{id_}", {"resourceType": name, "id": id_}, if_match='W/"7"')
    assert stale.status_code == 412
    assert client.get(f"/{name}/none").status_code == 404


@proves("interaction:update", "interaction:patch", "interaction:delete", "interaction:history-instance", "updateCreate:True")
def _change(client, resource):
    name = resource["type"]
    assert client.put(f"/{name}/mine", {"resourceType": name, "id": "mine"}).status_code == 201
    assert client.put(f"/{name}/mine", {"resourceType": name, "id": "mine", "language": "en"}).status_code == 200
    operation = b'[{"op": "replace", "path": "/language", "value": "fr"}]'
    patched = client.request("PATCH", f"/{name}/mine", content=operation, headers=JSON_PATCH)
    assert (patched.status_code, patched.json()["language"]) == (200, "fr")
    assert client.delete(f"/{name}/mine").status_code in (200, 204)
    assert client.get(f"/{name}/mine", accept="application/fhir+json").status_code == 410
    assert [one["request"]["method"] for one in client.get(f"/{name}/mine/_history").json()["entry"]] == ["DELETE", "PUT", "PUT", "PUT"]


@proves("interaction:search-type", "interaction:history-type")
def _search_and_history(client, resource):
    id_ = created(client, resource["type"])
    for path, kind in (("", "searchset"), ("/_search", "searchset"), ("/_history", "history")):
        answer = client.request("POST" if path == "/_search" else "GET", f"/{resource['type']}{path}")
        assert (answer.status_code, answer.json()["type"]) == (200, kind)
        assert id_ in {one["resource"]["id"] for one in answer.json()["entry"] if "resource" in one}


@proves("conditionalCreate:True", "conditionalUpdate:True", "conditionalDelete:single", "conditionalRead:full-support")
def _conditionally(client, resource):
    name = resource["type"]
    id_ = created(client, name)
    assert client.post(f"/{name}", {"resourceType": name}, if_none_exist=f"_id={id_}").status_code == 200
    accept = "application/fhir+json"
    assert client.get(f"/{name}/{id_}", if_none_match='W/"1"', accept=accept).status_code == 304
    assert client.get(f"/{name}/{id_}", if_modified_since="Fri, 01 Jan 2100 00:00:00 GMT", accept=accept).status_code == 304
    updated = client.put(f"/{name}?_id={id_}", {"resourceType": name, "language": "fr"})
    assert (updated.status_code, updated.headers["etag"]) == (200, 'W/"2"')
    created(client, name)
    assert client.delete(f"/{name}?_lastUpdated=gt2000").status_code == 412, "several match"
    assert client.delete(f"/{name}?_id={id_}").status_code in (200, 204)


@proves("referencePolicy:literal", "referencePolicy:logical")
def _references(client, resource):
    if resource["type"] == "Observation":
        for reference in ({"reference": "Patient/nowhere"}, {"identifier": {"system": "urn:oid:1.2", "value": "1"}}):
            assert client.post("/Observation", {"resourceType": "Observation", "subject": reference}).status_code == 201


@proves(*(f"searchParam:{kind}" for kind in ("string", "token", "reference", "uri", "number", "quantity", "date", "composite", "special")))
def _search_parameters(client, resource):
    for parameter in resource["searchParam"]:
        name, value = parameter["name"], _value(parameter)
        if name == "_has":
            name, value = "_has:Provenance:target:_id", "1"
        answer = client.request("GET", f"/{resource['type']}", params={name: value}, headers=STRICT)
        assert answer.status_code == 200, (resource["type"], name, answer.text)
        assert f"{name}=" in answer.json()["link"][0]["url"], "the self link shows that it was understood"
    assert client.request("GET", f"/{resource['type']}", params={"undeclared": "1"}, headers=STRICT).status_code == 400


def _value(parameter: dict[str, Any]) -> str:
    if parameter["type"] == "composite":
        return "a$2026" if "coordinate" not in parameter["name"] else "a$1$1"
    return VALUES.get(parameter["name"]) or VALUES[parameter["type"]]


@proves("searchInclude", "searchRevInclude")
def _includes(client, resource):
    asked = [("_include", one) for one in resource["searchInclude"]] + [("_revinclude", one) for one in resource["searchRevInclude"]]
    for some in itertools.zip_longest(*[iter(asked)] * 20):
        answer = client.request("GET", f"/{resource['type']}", params=[one for one in some if one], headers=STRICT)
        assert answer.status_code == 200, (resource["type"], answer.text)
    for name in ("_include", "_revinclude"):
        wrong = client.request("GET", f"/{resource['type']}", params={name: f"{resource['type']}:undeclared"}, headers=STRICT)
        assert wrong.status_code == 400


@proves("compartment")
def _compartments(client, rest):
    for url in rest["compartment"]:
        name = url.rpartition("/")[2]
        owner = name[0].upper() + name[1:]
        assert client.get(f"/{owner}/1/Observation").status_code == 200
        assert client.get(f"/{owner}/1/*").status_code == 200
    assert client.get("/Organization/1/Observation").status_code == 404


@proves("system:transaction", "system:batch")
def _bundles(client, rest):
    entry = {"resource": {"resourceType": "Basic"}, "request": {"method": "POST", "url": "Basic"}}
    for kind in ("transaction", "batch"):
        answer = client.post("/", {"resourceType": "Bundle", "type": kind, "entry": [entry]})
        assert (answer.status_code, answer.json()["type"]) == (200, f"{kind}-response")
        assert answer.json()["entry"][0]["response"]["status"].startswith("201")


@proves("system:history-system", "system:search-system")
def _whole_server(client, rest):
    id_ = created(client, "Basic")
    for path, kind in (("/_history", "history"), ("/?_type=Basic", "searchset")):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (200, kind)
        assert id_ in {one["resource"]["id"] for one in answer.json()["entry"]}


@proves("format:application/fhir+json", "format:application/fhir+xml", "format:json", "format:xml")
def _formats(client, statement):
    id_ = created(client, "Basic")
    for kind in statement["format"]:
        answer = client.request("GET", f"/Basic/{id_}", params={"_format": kind})
        assert answer.headers["content-type"].startswith("application/fhir+" + kind.rpartition("+")[2])
        if "/" in kind:
            assert client.get(f"/Basic/{id_}", accept=kind).headers["content-type"].startswith(kind)
            body = {"json": b'{"resourceType":"Basic"}', "xml": b'<Basic xmlns="http://hl7.org/fhir"/>'}[kind[-4:].strip("+")]
            assert client.post("/Basic", body, content_type=kind).status_code == 201
    assert client.get(f"/Basic/{id_}", accept="text/turtle").status_code == 406
    assert client.post("/Basic", b"x", content_type="text/turtle").status_code == 415


PATCHES = {
    "application/json-patch+json": b'[{"op": "add", "path": "/language", "value": "fr"}]',
    "application/xml-patch+xml": b'<diff xmlns:f="http://hl7.org/fhir"><add sel="f:Basic" pos="prepend"><f:language value="fr"/></add></diff>',  # noqa: E501
    "application/fhir+json": b'{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},'
    b'{"name":"path","valueString":"Basic"},{"name":"name","valueString":"language"},{"name":"value","valueCode":"fr"}]}]}',
    "application/fhir+xml": b'<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/>'
    b'<valueCode value="add"/></part><part><name value="path"/><valueString value="Basic"/></part><part><name value="name"/>'
    b'<valueString value="language"/></part><part><name value="value"/><valueCode value="fr"/></part></parameter></Parameters>',
}  # fmt: skip


@proves(*(f"patchFormat:{one}" for one in PATCHES))
def _patch_formats(client, statement):
    for kind, patch in PATCHES.items():
        id_ = created(client, "Basic")
        answer = client.request("PATCH", f"/Basic/{id_}", content=patch, headers={"content-type": kind})
        assert (answer.status_code, answer.json().get("language")) == (200, "fr"), (kind, answer.text)
    assert client.request("PATCH", f"/Basic/{id_}", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


OPERATIONS = (
    "validate", "meta", "meta-add", "meta-delete", "graphql", "everything", "document", "lastn", "expand", "validate-code", "lookup",
    "subsumes", "translate", "export", "import", "fhirpath", "access-history", "break-glass", "populate", "explain-score",
    "extract", "assemble", "questionnaire-package", "status", "events", "get-ws-binding-token",
)  # fmt: skip


@proves(*(f"operation:{name}" for name in OPERATIONS))
def _operations(client, declared):
    """Each is answered wherever the table has it (what it answers is told by tests of its own), and nowhere else on the type."""
    name = declared.get("type")
    for one in declared.get("operation", ()):
        here = [route for route in ROUTES if (route.serves(name) if name else route.is_system_wide)]
        routes = [route for route in here if route.operation and one["definition"].endswith(route.operation)]
        assert routes, one
        for route in routes:
            path = route.template.replace("{type}", name or "").replace("{id}", "none").replace("{vid}", "1")
            body = {"content": b'{"resourceType":"Parameters"}', "headers": {"content-type": "application/fhir+json"}}
            answer = client.request(route.method, path, **(body if route.method == "POST" else {}))
            assert answer.status_code < 500, (route.method, path, answer.text)
            assert answer.status_code != 405, (route.method, path)
            assert "has no operation" not in answer.text, path
    for one in set(OPERATIONS) - {one["name"] for one in declared.get("operation", ())}:
        answer = client.get(f"/{name}/${one}" if name else f"/${one}")
        assert answer.status_code in (400, 404, 405, 501), (name, one)


def test_every_line_that_is_declared_is_proven_and_the_reverse(client):
    assert set(features(client.get("/metadata").json())) == PROOFS.keys()


SYSTEM_PROOFS = (_compartments, _bundles, _whole_server, _operations)
STATEMENT_PROOFS = (_formats, _patch_formats)


@pytest.mark.parametrize("proof", SYSTEM_PROOFS, ids=lambda proof: proof.__name__.strip("_"))
def test_what_is_declared_for_the_server_is_done(client, rest, proof):
    proof(client, {name: value for name, value in rest.items() if name != "resource"})


@pytest.mark.parametrize("proof", STATEMENT_PROOFS, ids=lambda proof: proof.__name__.strip("_"))
def test_what_is_declared_of_formats_is_done(client, proof):
    proof(client, client.get("/metadata").json())


OF_TYPES = sorted({one for one in PROOFS.values() if one not in (*STATEMENT_PROOFS, *SYSTEM_PROOFS[:3])}, key=lambda proof: proof.__name__)


@pytest.mark.parametrize("proof", OF_TYPES, ids=lambda proof: proof.__name__.strip("_"))
def test_what_is_declared_for_a_type_is_done(client, rest, proof):
    for resource in rest["resource"]:
        proof(client, resource)


OF_ALL_KINDS = ("Patient", "Observation", "ValueSet", "Location", "RiskAssessment", "Encounter", "Condition", "MolecularSequence")
"""Resource types that have search parameters of all types between them."""


def test_each_modifier_of_each_type_of_parameter_is_understood(client, rest):
    values = {"of-type": "a|b|c", "in": "http://hl7.org/fhir/ValueSet/administrative-gender", "identifier": "a|b"}
    values["not-in"] = values["in"]
    for resource in (one for one in rest["resource"] if one["type"] in OF_ALL_KINDS):
        for parameter in (one for one in resource["searchParam"] if one["name"][0] != "_"):
            known = MODIFIERS.get(parameter["type"], frozenset()) if parameter["name"] != "phonetic" else frozenset()
            for modifier in known | {"exact", "nonsense"}:
                pairs = {f"{parameter['name']}:{modifier}": values.get(modifier, _value(parameter))}
                answer = client.request("GET", f"/{resource['type']}", params=pairs, headers=STRICT)
                assert answer.status_code == 400 or modifier in known, (resource["type"], pairs)
                assert answer.status_code == 200 or modifier not in known or modifier in ("above", "below"), answer.text


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/_$*][^/$]*", re.escape(template)))


def test_what_is_not_declared_is_refused(client):
    """Every method on every address of the table that has no line there."""
    had = [(route.method, _pattern(address)) for route in ROUTES for address in route.addresses]
    filled = {"type": "Basic", "member": "Basic", "id": "1", "vid": "1"}
    for address in sorted({route.template for route in ROUTES}):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "BREW"):
            path = address.format(**filled)
            if not any(one == method and pattern.fullmatch(path) for one, pattern in had):
                answer = client.request(method, path)
                assert answer.status_code in (404, 405, 501), (method, path, answer.status_code)
                assert answer.json()["resourceType"] == "OperationOutcome"
    for path in ("/Shoe", "/Patient/$nonsense", "/$nonsense", "/Patient/1/$nonsense", "/_nonsense", "/Patient/_nonsense"):
        assert client.get(path).status_code == 404

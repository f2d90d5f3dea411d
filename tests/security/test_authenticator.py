"""Who a request is of: outside issuers, opaque tokens, batches, asynchronous requests, proxies; over HTTP on both stores."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest

from fhir_server.rest.deferred import KeptRequest
from fhir_server.rest.response import Response
from fhir_server.rest.route import Route
from fhir_server.rest.routes import ROUTES
from fhir_server.security.caller import ADMINISTRATOR, OPEN, Caller
from fhir_server.security.issuer import IDNAT_PS, read_issuers
from fhir_server.security.proxy_certificate import networks
from fhir_server.security.remote_keys import Fetched
from fhir_server.security.scopes import write_scopes
from tests.security.conftest import GP
from tests.security.signing import EC256, NOW, OTHER, jwks, public, signed

PSC = "https://psc.example.org/realms/wallet"
ISSUERS = read_issuers({
    "psc": {"kind": "pro-sante-connect", "issuer": PSC, "scope": "user/*.cruds", "audience": ["app"]},
    "opaque": {
        "issuer": "https://id.example.org", "scope": "user/*.rs", "introspection_client": "us",
        "introspection_url": "https://id.example.org/i",
    },
})  # fmt: skip
PROFESSIONAL = {"iss": PSC, "aud": "app", "azp": "app", "acr": "eidas1", "sub": "claire", "exp": NOW + 600, "SubjectNameID": "42"}


@pytest.fixture
def psc(serve, outside):
    outside.pages[PSC + "/.well-known/openid-configuration"] = Fetched(json.dumps({"issuer": PSC, "jwks_uri": PSC + "/certs"}).encode())
    outside.pages[PSC + "/certs"] = Fetched(jwks(public(EC256, "k")))
    return serve(issuers=ISSUERS)


def professional(**changed):
    return signed({**PROFESSIONAL, **changed}, EC256, "ES256", "k")


def test_a_professional_is_who_has_the_identifier_in_the_record(psc, outside):
    outside.actors = frozenset([("Practitioner", "p"), ("PractitionerRole", "r")])
    token = professional()
    caller = psc.caller(token)
    assert (caller.subject, caller.client, caller.actors) == ("psc|claire", "app", outside.actors)
    assert outside.looked_up == [((IDNAT_PS, "42"),)]
    assert psc.get("/fhir/Patient", token).status_code == 200
    assert len(outside.looked_up) == 1, "who was looked up is remembered"


def test_roles_are_looked_up_again_after_a_minute(psc, outside):
    psc.caller(professional())
    outside.now += 61
    psc.caller(professional())
    assert len(outside.looked_up) == 2
    assert outside.asked == [PSC + "/.well-known/openid-configuration", PSC + "/certs"], "keys are not"


@pytest.mark.parametrize("changed", [{"acr": "eidas0"}, {"aud": "other"}, {"exp": NOW - 61}, {"iss": "https://evil.example.org"}])
def test_what_does_not_suffice_is_refused(psc, changed):
    assert psc.get("/fhir/Patient", professional(**changed)).status_code == 401


def test_a_token_by_another_key_is_refused(psc):
    assert psc.get("/fhir/Patient", signed(PROFESSIONAL, OTHER, "ES384", "k")).status_code == 401


def test_an_issuer_that_cannot_be_reached_is_a_matter_of_trying_again(psc, outside):
    outside.pages.clear()
    answer = psc.get("/fhir/Patient", professional())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_an_opaque_token_is_asked_about_and_remembered_for_half_a_minute(psc, outside):
    outside.tokens["opaque-token"] = json.dumps({"active": True, "sub": "u", "client_id": "app", "scope": "user/Patient.rs"}).encode()
    caller = psc.caller("opaque-token")
    assert (caller.subject, write_scopes(caller.scopes)) == ("opaque|u", "user/Patient.rs")
    psc.caller("opaque-token")
    assert outside.asked == ["https://id.example.org/i"]
    outside.tokens["opaque-token"] = b'{"active": false}'
    outside.now += 31
    assert psc.get("/fhir/Patient", "opaque-token").status_code == 401
    assert psc.get("/fhir/Patient", "never-heard-of").status_code == 503


def test_a_client_is_what_it_was_registered_as(server, store, run):
    run(store.registry.replace(replace(GP, actors=(("Organization", "x"),), whole=True, tenant="north", roles=(ADMINISTRATOR,))))
    caller = server.caller(server.token(scope="system/Patient.r"))
    assert caller == Caller(
        "gp", "gp", caller.scopes, "GP software", frozenset([("Organization", "x")]), None, "north", True, frozenset([ADMINISTRATOR])
    )
    assert write_scopes(caller.scopes) == "system/Patient.r"


def test_an_asynchronous_request_is_its_callers_and_not_done_once_that_is_revoked(server, store, run):
    token = server.token()
    caller = server.caller(token)
    headers = {"authorization": f"Bearer {token}", "prefer": "respond-async"}
    accepted = server.ask("GET", "/fhir/Patient?name=x", headers=headers)
    assert accepted.status_code == 202
    job = run(store.jobs.read(accepted.headers["content-location"].rpartition("/")[2], 1))
    kept = msgspec.json.decode(job.request, type=KeptRequest)
    assert kept.caller == caller
    run(server.authenticator.require(kept.caller))
    run(store.registry.replace(replace(GP, revoked=1)))
    for gone in (kept.caller, OPEN):
        with pytest.raises(Exception, match=r"revoked|before callers"):
            run(server.authenticator.require(gone))


async def whoami(request):
    return Response(200, [], json.dumps({"resourceType": "Basic", "id": request.caller.client}).encode())


def test_the_entries_of_a_batch_are_of_who_sends_it(serve):
    server = serve(routes=(*ROUTES, Route("GET", "/$whoami", whoami, "Who asks")))
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "$whoami"}}]}
    headers = {"authorization": f"Bearer {server.token()}", "content-type": "application/fhir+json"}
    answer = server.ask("POST", "/fhir/", content=json.dumps(batch), headers=headers)
    assert answer.json()["entry"][0]["resource"]["id"] == "gp"


def test_the_capability_statement_says_how_to_get_a_token(server):
    security = server.get("/fhir/metadata").json()["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert security["extension"][0]["extension"] == [{"url": "token", "valueUri": "https://fhir.example.org/auth/token"}]


def test_smart_configuration_is_the_same_below_the_base_and_at_the_root_and_true(serve):
    server = serve(issuers=ISSUERS, algorithms=frozenset(["ES384"]))
    told = [server.get(path).json() for path in ("/fhir/.well-known/smart-configuration", "/.well-known/smart-configuration")]
    assert told[0] == told[1]
    assert told[0]["token_endpoint_auth_signing_alg_values_supported"] == ["ES384"]
    assert {"user/*.rs", "user/*.cruds"} <= set(told[0]["scopes_supported"])
    assert "client-confidential-asymmetric" in told[0]["capabilities"]


def test_what_a_proxy_says_of_the_caller_counts_from_the_proxy_only(serve):
    for peer, scheme in (("10.0.0.2", "https"), ("10.0.0.3", "http")):
        server = serve(peer=peer, proxies=networks(["10.0.0.2"]), base_url=None)
        headers = {"host": "localhost", "x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.1, 10.0.0.2"}
        answer = server.ask("GET", "http://localhost/.well-known/smart-configuration", headers=headers)
        assert answer.json()["token_endpoint"] == f"{scheme}://localhost/auth/token"

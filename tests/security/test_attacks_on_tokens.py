"""The attack table of authentication: each line is a way in that is shut, tried over HTTP on both stores.

What the parts refuse by themselves is in the other files of this folder; here it is shown that the server asks them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey

from fhir_server.security.client_assertion import ASSERTION_TYPE
from fhir_server.security.proxy_certificate import networks
from fhir_server.security.remote_keys import Fetched
from fhir_server.security.sender_key import key_digest, new_sender_key
from tests.security.conftest import BASE, GP
from tests.security.signing import (
    EC,
    EC256,
    NOW,
    OTHER,
    RSA,
    TOKEN_URL,
    assertion_claims,
    by_public_key,
    jwks,
    public,
    signed,
    unsigned,
)  # fmt: skip

ROOT = BASE.removesuffix("/fhir")
OPEN = ("/fhir/metadata", "/fhir/openapi.json", "/fhir/.well-known/smart-configuration", "/.well-known/smart-configuration", "/auth/jwks")


def refused(answer, error="invalid_token"):
    """401 with a challenge that names the error, and an OperationOutcome that says how to mend it."""
    assert answer.status_code == 401, answer.text
    assert f'error="{error}"' in answer.headers["www-authenticate"]
    issue = answer.json()["issue"][0]
    assert (issue["severity"], issue["code"]) == ("error", "login")
    assert issue["diagnostics"] in answer.headers["www-authenticate"]
    return True


def no_token(answer, error="invalid_client", status=401):
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "access_token" not in told
    return told["error_description"]


def own_key(server, run, store):
    (key,) = run(store.registry.signing_keys())
    return ECKey.import_key(json.loads(key.private)), key.kid


def own_claims(**changed):
    claims = {"iss": ROOT, "aud": BASE, "sub": "gp", "client_id": "gp", "scope": "system/*.cruds", "exp": NOW + 60, **changed}
    return {name: value for name, value in claims.items() if value is not None}


# --- at the token endpoint


ASSERTIONS = {
    "alg none": unsigned(assertion_claims(), kid="ec"),
    "key confusion": by_public_key(assertion_claims(), RSA, "rsa"),
    "wrong aud": signed(assertion_claims(aud="https://other.example.org/auth/token")),
    "the FHIR base as aud": signed(assertion_claims(aud=BASE)),
    "wrong iss": signed(assertion_claims(iss="nobody")),
    "wrong sub": signed(assertion_claims(sub="other")),
    "expired": signed(assertion_claims(exp=NOW - 61)),
    "not yet valid": signed(assertion_claims(nbf=NOW + 61)),
    "good for too long": signed(assertion_claims(exp=NOW + 3600)),
    "no exp": signed(assertion_claims(exp=None)),
    "no jti": signed(assertion_claims(jti=None)),
    "foreign kid": signed(assertion_claims(), OTHER, kid="other"),
    "another's signature": signed(assertion_claims(), OTHER),
    "jku to elsewhere": signed(assertion_claims(), OTHER, kid="other", jku="https://evil.example.org/jwks"),
    "its own key in jwk": signed(assertion_claims(), OTHER, kid="other", jwk=public(OTHER, "other")),
    "oversized": signed(assertion_claims(padding="x" * 9000)),
    "an unusual algorithm": signed(assertion_claims(), RSA, "PS256", "rsa"),
}


@pytest.mark.parametrize("name", ASSERTIONS)
def test_an_assertion_that_is_not_true_gets_no_token(server, outside, name):
    outside.pages["https://evil.example.org/jwks"] = Fetched(jwks(public(OTHER, "other")))
    assert no_token(server.token_answer(ASSERTIONS[name]))
    assert outside.asked == []


def test_an_assertion_gets_one_token_whichever_process_it_is_sent_to(serve):
    first, second = serve(), serve(another=True)
    assertion = signed(assertion_claims())
    assert first.token_answer(assertion).status_code == 200
    for one in (first, second):
        assert "used before" in no_token(one.token_answer(assertion))


def test_an_assertion_is_remembered_as_long_as_it_would_be_taken(server, outside):
    assertion = signed(assertion_claims(exp=NOW + 10))
    assert server.token_answer(assertion).status_code == 200
    outside.now = NOW + 69.9
    for number in range(3):  # each good one forgets what has ended
        server.token(f"other-{number}")
    assert "used before" in no_token(server.token_answer(assertion))
    outside.now = NOW + 71
    assert "expired" in no_token(server.token_answer(assertion))


def test_no_scope_is_widened(server):
    answer = server.token_answer(signed(assertion_claims()), "system/*.cruds user/*.cruds patient/*.cruds system/Observation.rs")
    assert answer.json()["scope"] == "system/Patient.rs system/CarePlan.rs"
    assert no_token(server.token_answer(signed(assertion_claims(jti="2")), "system/Observation.rs"), "invalid_scope", 400)


def test_a_scope_that_would_break_out_of_the_answer_does_not(server):
    description = no_token(server.token_answer(signed(assertion_claims()), 'x"\r\nSet-Cookie:a=b'), "invalid_scope", 400)
    assert not set(description) & set('"\r\n\\')


def test_a_revoked_client_gets_no_token(server, store, run):
    run(store.registry.replace(replace(GP, revoked=int(NOW))))
    assert no_token(server.token_answer(signed(assertion_claims())))


def test_a_client_that_has_expired_gets_no_token(server, store, run):
    run(store.registry.replace(replace(GP, expires=int(NOW))))
    assert no_token(server.token_answer(signed(assertion_claims())))


def test_an_oversized_form_is_not_read(server):
    assert no_token(server.token_answer("x" * 40_000), "invalid_request", 400)


def test_keys_by_url_rotate_and_come_from_the_registered_url_only(server, outside, store, run):
    url = "https://gp.example.org/jwks"
    run(store.registry.replace(replace(GP, jwks="", jwks_url=url)))
    outside.pages[url] = Fetched(jwks(public(EC, "ec")))
    assert server.token_answer(signed(assertion_claims(), jku=url)).status_code == 200
    outside.pages[url] = Fetched(jwks(public(OTHER, "new")))
    outside.now += 60
    claims = assertion_claims(jti="2", iat=outside.now, exp=outside.now + 60)
    assert server.token_answer(signed(claims, OTHER, kid="new")).status_code == 200
    assert no_token(server.token_answer(signed({**claims, "jti": "3"})))
    assert set(outside.asked) == {url}


def test_without_a_base_url_another_name_than_this_machines_is_not_believed(serve):
    """An assertion that was meant for evil.example.org would else be good here for whoever writes that into Host."""
    server = serve(base_url=None)
    assertion = signed(assertion_claims(aud="https://evil.example.org/auth/token"))
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    answer = server.ask("POST", "https://evil.example.org/auth/token", data=form)
    assert no_token(answer, "invalid_request", 400)
    assert server.ask("GET", "https://evil.example.org/fhir/Patient", headers={"authorization": "Bearer a.b.c"}).status_code == 401


# --- with an access token


def test_without_a_token_nothing_is_answered(server):
    for path in ("/fhir/Patient", "/fhir/Patient/1", "/fhir/", "/fhir/Nonsense", "/fhir/_jobs/1", "/fhir/metadata/x", "/fhir/$export"):
        answer = server.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == 'Bearer realm="Passerelle"'
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Patient"}}]}
    assert server.ask("POST", "/fhir/", json=batch).status_code == 401
    assert server.ask("DELETE", "/fhir/metadata").status_code in (401, 405)


def test_what_everyone_may_ask_is_answered(server):
    for path in OPEN:
        assert server.get(path).status_code == 200, path


def test_a_good_token_opens(server):
    assert server.get("/fhir/Patient", server.token()).status_code == 200


def test_tokens_that_we_did_not_sign_for_now_and_here_are_refused(server, run, store):
    server.token()
    ours, kid = own_key(server, run, store)
    tokens = {
        "alg none": unsigned(own_claims(), kid=kid, typ="at+jwt"),
        "key confusion": by_public_key(own_claims(), ours, kid),
        "wrong iss": signed(own_claims(iss="https://evil.example.org"), ours, "ES256", kid, typ="at+jwt"),
        "wrong aud": signed(own_claims(aud="https://other.example.org/fhir"), ours, "ES256", kid, typ="at+jwt"),
        "expired": signed(own_claims(exp=NOW - 61), ours, "ES256", kid, typ="at+jwt"),
        "not yet valid": signed(own_claims(nbf=NOW + 61), ours, "ES256", kid, typ="at+jwt"),
        "no exp": signed(own_claims(exp=None), ours, "ES256", kid, typ="at+jwt"),
        "foreign kid": signed(own_claims(), EC256, "ES256", "foreign", typ="at+jwt"),
        "another's signature": signed(own_claims(), EC256, "ES256", kid, typ="at+jwt"),
        "wrong typ": signed(own_claims(), ours, "ES256", kid, typ="JWT"),
        "a client assertion": signed(assertion_claims(jti="9")),
        "no client": signed(own_claims(client_id=None), ours, "ES256", kid, typ="at+jwt"),
        "unknown client": signed(own_claims(client_id="x"), ours, "ES256", kid, typ="at+jwt"),
        "oversized": signed(own_claims(padding="x" * 9000), ours, "ES256", kid, typ="at+jwt"),
        "no JWT": "opaque",
        "nothing in parts": "..",
    }  # fmt: skip
    for name, token in tokens.items():
        assert refused(server.get("/fhir/Patient", token)), name
    assert server.get("/fhir/Patient", signed(own_claims(), ours, "ES256", kid, typ="at+jwt")).status_code == 200


def test_a_token_gives_no_more_than_its_client_has_now(server, run, store):
    token = server.token()
    assert {scope.type for scope in server.caller(token).scopes} == {"Patient", "CarePlan"}
    run(store.registry.replace(replace(GP, scope="system/Patient.r")))
    (scope,) = server.caller(token).scopes
    assert (scope.type, scope.permissions) == ("Patient", {"r"})


def test_a_revoked_clients_tokens_stop_counting_at_once_in_every_process(serve, run, store):
    first, second = serve(), serve(another=True)
    token = first.token()
    for one in (first, second):
        assert one.get("/fhir/Patient", token).status_code == 200
    run(store.registry.replace(replace(GP, revoked=int(NOW))))
    for _ in range(200):  # on PostgreSQL the notice takes a moment to the other process
        if second.get("/fhir/Patient", token).status_code == 401:
            break
    for one in (first, second):
        assert refused(one.get("/fhir/Patient", token))


def test_a_token_that_has_ended_is_not_good_for_having_been_seen(server, outside):
    token = server.token()
    assert server.get("/fhir/Patient", token).status_code == 200
    outside.now += 361
    assert refused(server.get("/fhir/Patient", token))


@pytest.mark.parametrize(
    "header", [b"Basic Z3A6eA==", b"Bearer", b"Bearer ", b"bearer\tx", b"Negotiate x", b"Bearer \xff.\xff.\xff", b"", b"Bearer a b.c.d"]
)
def test_an_authorization_that_is_none_is_refused(server, header):
    assert server.ask("GET", "/fhir/Patient", headers=[(b"authorization", header)]).status_code == 401


def test_two_authorizations_are_refused(server):
    good = f"Bearer {server.token()}".encode()
    assert server.ask("GET", "/fhir/Patient", headers=[(b"authorization", good), (b"authorization", good)]).status_code == 401


def test_a_token_in_the_address_is_none(server):
    assert server.get(f"/fhir/Patient?access_token={server.token()}").status_code == 401


def test_no_description_breaks_out_of_its_header(server):
    for token in (signed(own_claims(), EC256, "ES256", 'x"\r\nSet-Cookie: a=b', typ="at+jwt"), unsigned({}, typ='"\r\nX: y')):
        answer = server.get("/fhir/Patient", token)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert answer.headers["www-authenticate"].count('"') % 2 == 0


# --- keys and certificates


def test_a_key_opens_until_it_is_rotated(server, run, store):
    key = new_sender_key()
    run(store.registry.replace(replace(GP, keys=(key_digest(key.encode()),))))
    assert server.get("/fhir/Patient", key).status_code == 200
    assert refused(server.get("/fhir/Patient", new_sender_key()))
    run(store.registry.replace(GP))
    assert refused(server.get("/fhir/Patient", key))


PRINT = "ab" * 32


def test_a_certificate_opens_only_where_a_declared_proxy_tells_of_it(serve, run, store):
    protection = {"proxies": networks(["10.0.0.2"]), "certificate_header": b"x-client-cert"}
    behind, direct, off = serve(peer="10.0.0.2", **protection), serve(peer="10.0.0.3", **protection), serve(peer="10.0.0.2")
    run(store.registry.replace(replace(GP, certificates=(PRINT,))))
    assert behind.get("/fhir/Patient", x_client_cert=PRINT).status_code == 200
    assert direct.get("/fhir/Patient", x_client_cert=PRINT).status_code == 401
    assert direct.get("/fhir/Patient", x_client_cert=PRINT, x_forwarded_for="10.0.0.2").status_code == 401
    assert off.get("/fhir/Patient", x_client_cert=PRINT).status_code == 401
    assert behind.get("/fhir/Patient", x_client_cert="cd" * 32).status_code == 401
    assert behind.get("/fhir/Patient", x_client_cert=quote("-----BEGIN CERTIFICATE-----")).status_code == 401
    twice = [(b"x-client-cert", PRINT.encode())] * 2
    assert behind.ask("GET", "/fhir/Patient", headers=twice).status_code == 401
    run(store.registry.replace(replace(GP, certificates=(PRINT,), revoked=1)))
    assert behind.get("/fhir/Patient", x_client_cert=PRINT).status_code == 401


def test_the_token_endpoint_answers_where_its_url_is_true(server):
    assert server.get("/.well-known/smart-configuration").json()["token_endpoint"] == TOKEN_URL

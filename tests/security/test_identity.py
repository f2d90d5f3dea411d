"""Tokens of outside issuers: Pro Santé Connect, SMART servers, opaque ones."""

from __future__ import annotations

import json

import pytest

from fhir_server.security.identity import Identity, identity_of_token, issued_header
from fhir_server.security.introspection import identity_of_answer, introspection_request
from fhir_server.security.issuer import IDNAT_PS, RPPS, IssuerError, read_issuers
from fhir_server.security.jwk_set import read_jwk_set
from fhir_server.security.refusal import Refusal
from fhir_server.security.scopes import write_scopes
from tests.security.signing import EC256, NOW, OTHER, by_public_key, jwks, public, signed, unsigned

BASE = "https://fhir.example.org/fhir"
PSC = "https://auth.example.org/realms/esante-wallet"
KEYS = read_jwk_set(jwks(public(EC256, "k")))
ISSUERS = read_issuers({
    "psc": {"kind": "pro-sante-connect", "issuer": PSC, "scope": "user/*.cruds", "audience": ["coordination"], "clients": ["coordination"]},
    "smart": {"issuer": "https://smart.example.org", "scope": "user/*.rs patient/*.rs", "introspection_url": "https://smart.example.org/i"},
})  # fmt: skip
PROFESSIONAL = {
    "iss": PSC, "aud": ["coordination", "account"], "azp": "coordination", "acr": "eidas1", "sub": "f:1:x", "typ": "Bearer",
    "exp": NOW + 60,
    "given_name": "Claire", "family_name": "Dubois", "SubjectNameID": "899700000001",
    "otherIds": [{"identifiant": "99700000001", "origine": "RPPS", "qualite": 1}],
}  # fmt: skip
SMART = {"iss": "https://smart.example.org", "aud": BASE, "client_id": "app", "sub": "u", "exp": NOW + 60, "scope": "user/*.cruds openid"}


def identity(claims, key=EC256, algorithm="ES256", kid="k", **header) -> Identity:
    issuer = ISSUERS[claims["iss"]]
    token = signed(claims, key, algorithm, kid, **header)
    return identity_of_token(token, issued_header(token, issuer), KEYS, issuer, BASE, NOW)


def test_a_professional_is_known_by_national_identifier_and_rpps():
    found = identity(PROFESSIONAL)
    assert found.identifiers == ((IDNAT_PS, "899700000001"), (RPPS, "99700000001"))
    assert (found.caller.subject, found.caller.client, found.caller.name) == ("psc|f:1:x", "coordination", "Claire Dubois")
    assert write_scopes(found.caller.scopes) == "user/*.cruds"
    assert not found.caller.whole
    assert not found.caller.roles


def test_a_professional_without_rpps_is_as_real():
    claims = {**PROFESSIONAL, "SubjectNameID": "3620100057/42", "otherIds": []}
    assert identity(claims).identifiers == ((IDNAT_PS, "3620100057/42"),)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"acr": "eidas0"}, "acr must be eidas1"),
        ({"acr": None}, "acr must be eidas1"),
        ({"azp": "other"}, "not registered here"),
        ({"aud": "other"}, "aud"),
        ({"exp": None}, "no exp"),
        ({"exp": NOW - 61}, "expired"),
        ({"nbf": NOW + 61}, "nbf"),
        ({"typ": "ID"}, "ID token"),
        ({"at_hash": "x"}, "ID token"),
        ({"sub": None, "azp": None, "client_id": None}, "not registered"),
    ],
)
def test_a_token_of_the_issuer_that_does_not_suffice_is_refused(changed, words):
    with pytest.raises(Refusal, match=words) as caught:
        identity({name: value for name, value in {**PROFESSIONAL, **changed}.items() if value is not None})
    assert caught.value.error == "invalid_token"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: identity(PROFESSIONAL, OTHER, "ES384"), "no key k for ES384"),
        (lambda: identity(PROFESSIONAL, kid="foreign"), "no key foreign"),
        (lambda: identity(PROFESSIONAL, jku="https://evil.example.org"), "jku"),
        (lambda: identity(PROFESSIONAL, typ="secevent+jwt"), "typ"),
        (lambda: issued_header(unsigned(PROFESSIONAL, kid="k"), ISSUERS[PSC]), "signed by none"),
        (lambda: issued_header(by_public_key(PROFESSIONAL, EC256, "k"), ISSUERS[PSC]), "signed by HS256"),
    ],
)
def test_a_token_that_the_issuer_did_not_sign_is_refused(make, words):
    with pytest.raises(Refusal, match=words):
        make()


def test_a_token_of_one_issuer_is_not_another_ones():
    token = signed(PROFESSIONAL, EC256, "ES256", "k")
    smart = ISSUERS["https://smart.example.org"]
    with pytest.raises(Refusal, match="iss must be"):
        identity_of_token(token, issued_header(token, smart), KEYS, smart, BASE, NOW)


def test_a_smart_token_has_its_own_scopes_within_those_of_its_issuer():
    assert write_scopes(identity(SMART).caller.scopes) == "user/*.rs"
    assert identity({**SMART, "scope": "system/*.cruds"}).caller.scopes == ()


def test_fhir_user_and_patient_say_who_it_is_in_the_record():
    claims = {**SMART, "fhirUser": f"{BASE}/Practitioner/p", "patient": "x", "scope": "patient/*.rs"}
    caller = identity(claims).caller
    assert (caller.actors, caller.patient, write_scopes(caller.scopes)) == ({("Practitioner", "p")}, "x", "patient/*.rs")
    assert identity({**claims, "fhirUser": "Practitioner/p"}).caller.actors == {("Practitioner", "p")}


@pytest.mark.parametrize(
    "user", ["https://other.example.org/fhir/Practitioner/p", "Device/d", "Practitioner/../x", "Practitioner/p/_history/1"]
)
def test_a_user_of_another_server_is_nobody_here(user):
    assert identity({**SMART, "fhirUser": user}).caller.actors == frozenset()


def test_scopes_of_a_patient_count_only_with_the_patient():
    assert identity({**SMART, "scope": "patient/*.rs"}).caller.scopes == ()


def test_claims_of_the_record_do_not_count_where_the_issuer_is_not_trusted_with_them():
    caller = identity({**PROFESSIONAL, "fhirUser": "Practitioner/p", "patient": "x", "scope": "system/*.cruds"}).caller
    assert (caller.actors, caller.patient, write_scopes(caller.scopes)) == (frozenset(), None, "user/*.cruds")


@pytest.mark.parametrize("value", ["a|b", "a,b", "a\\b", "a\nb", "", 7, "x" * 101])
def test_a_value_that_could_be_more_than_a_token_of_a_search_is_left_out(value):
    assert (
        identity({**PROFESSIONAL, "SubjectNameID": value, "otherIds": [value, {"origine": "RPPS", "identifiant": value}]}).identifiers == ()
    )


def opaque(**claims) -> Identity:
    answer = json.dumps({"active": True, "client_id": "app", "sub": "u", "scope": "user/Patient.rs", **claims}).encode()
    return identity_of_answer(answer, ISSUERS["https://smart.example.org"], BASE, NOW)


def test_an_opaque_token_counts_for_half_a_minute_or_until_it_ends():
    assert opaque().expires == NOW + 30
    assert opaque(exp=NOW + 10).expires == NOW + 10
    assert opaque(exp=NOW + 1000).expires == NOW + 30


@pytest.mark.parametrize(
    "changed",
    [{"active": False}, {"active": "true"}, {"exp": NOW - 61}, {"iss": "https://evil.example.org"}, {"aud": "other"}, {"nbf": NOW + 100}],
)
def test_an_opaque_token_that_is_not_good_here_is_refused(changed):
    with pytest.raises(Refusal):
        opaque(**changed)


def test_the_issuer_is_asked_with_credentials():
    form, headers = introspection_request("a&b=c", "us:", "s e")
    assert form == {"token": "a&b=c", "token_type_hint": "access_token"}
    assert headers["authorization"] == "Basic dXMlM0E6cytl"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"issuer": "https://x"}, "scope"),
        ({"issuer": "http://x", "scope": "user/*.rs"}, "https://"),
        ({"issuer": "https://x", "scope": "user/*.sr"}, "user/\\*.sr is no scope"),
        ({"issuer": "https://x", "scope": "user/*.rs", "algorithms": ["HS256"]}, "HS256 cannot be allowed"),
        ({"issuer": "https://x", "scope": "user/*.rs", "algorithms": ["none"]}, "none cannot be allowed"),
        ({"issuer": "https://x", "scope": "user/*.rs", "audiense": ["x"]}, "audiense"),
        ({"issuer": "https://x", "scope": "user/*.rs", "kind": "x"}, "kind"),
        ("x", "table"),
    ],
)
def test_an_issuer_that_cannot_be_used_is_refused_when_read(table, words):
    with pytest.raises(IssuerError, match=words):
        read_issuers({"one": table})

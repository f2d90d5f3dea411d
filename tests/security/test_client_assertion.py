"""Client assertions: the good ones of each algorithm, and each way to be bad."""

from __future__ import annotations

import pytest
from joserfc.jwk import RSAKey

from fhir_server.security.client import Client
from fhir_server.security.client_assertion import ALGORITHMS, Assertion, assertion_header, checked_assertion, claimed_client
from fhir_server.security.jwk_set import UnusableKeys, read_jwk_set
from fhir_server.security.refusal import Refusal
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
    part,
    public,
    signed,
    unsigned,
)  # fmt: skip

CLIENT = Client("gp", "GP software", "system/*.rs", jwks_url="https://gp.example.org/jwks")
KEYS = jwks(public(RSA, "rsa"), public(EC, "ec"), public(EC256, "ec256"))


def checked(token: str, keys: bytes = KEYS, algorithms=ALGORITHMS, now: float = NOW) -> Assertion:
    header = assertion_header(token, CLIENT, algorithms)
    return checked_assertion(token, header, read_jwk_set(keys), CLIENT, (TOKEN_URL,), now)


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA, "RS384", "rsa"), (EC, "ES384", "ec")])
def test_the_algorithms_of_smart_are_accepted(key, algorithm, kid):
    found = checked(signed(assertion_claims(), key, algorithm, kid, typ="JWT"))
    assert (found.client, found.expires) == ("gp", NOW + 240)


def test_another_algorithm_counts_only_where_it_is_configured():
    token = signed(assertion_claims(), EC256, "ES256", "ec256")
    with pytest.raises(Refusal, match="ES256"):
        checked(token)
    assert checked(token, algorithms=ALGORITHMS | {"ES256"}).client == "gp"


def test_the_registered_jku_may_be_named():
    assert checked(signed(assertion_claims(), jku="https://gp.example.org/jwks")).client == "gp"


def test_what_is_kept_of_a_jti_is_the_clients_own():
    assert checked(signed(assertion_claims())).digest == checked(signed(assertion_claims(), RSA, "RS384", "rsa")).digest
    assert checked(signed(assertion_claims())).digest != checked(signed(assertion_claims(jti="two"))).digest


def test_who_claims_to_call_is_told_before_anything_is_verified():
    assert claimed_client(unsigned({"iss": "anyone"})) == "anyone"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (unsigned(assertion_claims(), kid="ec"), "signed by none"),
        (by_public_key(assertion_claims(), RSA, "rsa"), "signed by HS256"),
        (signed(assertion_claims(), OTHER), "not made by the key"),
        (signed(assertion_claims(), OTHER, kid="foreign"), "no key foreign"),
        (signed(assertion_claims(), RSA, "RS384", "ec"), "no key ec for RS384"),
        (signed(assertion_claims(), kid=None), "names no key"),
        (signed(assertion_claims(), typ="at+jwt"), "typ"),
        (signed(assertion_claims(), jku="https://evil.example.org/jwks"), "jku"),
        (signed(assertion_claims(iss="other")), "iss and sub"),
        (signed(assertion_claims(sub="other")), "iss and sub"),
        (signed(assertion_claims(aud="https://other.example.org/token")), "aud"),
        (signed(assertion_claims(aud=None)), "aud"),
        (signed(assertion_claims(exp=None)), "no exp"),
        (signed(assertion_claims(exp=NOW - 61)), "expired"),
        (signed(assertion_claims(exp=NOW + 361)), "at most 300"),
        (signed(assertion_claims(exp="soon")), "no number"),
        (signed(assertion_claims(exp=True)), "no number"),
        (signed(assertion_claims(nbf=NOW + 61)), "nbf"),
        (signed(assertion_claims(iat=NOW + 61)), "iat"),
        (signed(assertion_claims(jti=None)), "jti"),
        (signed(assertion_claims(jti=7)), "jti"),
        (signed(assertion_claims(jti="x" * 256)), "jti"),
        (signed(assertion_claims(padding="x" * 9000)), "at most 8192"),
        (f"{part({'alg': 'ES384', 'kid': 'ec', 'crit': ['exp']})}.{part(assertion_claims())}.AAAA", "crit"),
        ("", "not a signed JWT"),
        ("a.b", "not a signed JWT"),
        ("a.b.c.d.e", "not a signed JWT"),
        ("[].[].", "not a signed JWT"),
        (f"{part({'alg': ['ES384'], 'kid': 'ec'})}..", "signed by"),
    ],
)
def test_a_bad_assertion_is_refused_with_its_reason(token, words):
    with pytest.raises(Refusal, match=words) as caught:
        checked(token)
    assert caught.value.error == "invalid_client"


def test_clocks_may_differ_by_a_minute():
    assert checked(signed(assertion_claims(exp=NOW - 59)))
    assert checked(signed(assertion_claims(nbf=NOW + 59, iat=NOW + 59, exp=NOW + 359)))


def test_a_key_that_is_there_twice_is_not_used():
    with pytest.raises(Refusal, match="2 keys"):
        checked(signed(assertion_claims()), jwks(public(EC, "ec"), public(OTHER, "ec")))


def test_a_key_for_something_else_is_not_used():
    for more in ({"use": "enc"}, {"alg": "ES256"}):
        with pytest.raises(Refusal, match="no key"):
            checked(signed(assertion_claims()), jwks(public(EC, "ec", **more)))


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_not_used():
    short = RSAKey.generate_key(1024, private=True)
    with pytest.raises(Refusal, match="no key"):
        checked(signed(assertion_claims(), short, "RS384", "short"), jwks(public(short, "short")))


@pytest.mark.parametrize(
    "source",
    [
        b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys":' + b"[" * 5000, b" " * 70_000, jwks(EC.as_dict(private=True)),
        jwks({"kty": "oct", "k": "AA"}),
    ],
)  # fmt: skip
def test_what_is_no_set_of_public_keys_is_refused(source):
    with pytest.raises(UnusableKeys):
        read_jwk_set(source)

"""The server's own access tokens, their keys, and what is remembered of them."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey

from fhir_server.security.access_token import (
    SECONDS,
    SIGNS,
    STAYS,
    checked_access_token,
    new_access_token,
    new_signing_key,
    own_header,
    public_keys,
    signing_now,
)  # fmt: skip
from fhir_server.security.caller import OPEN
from fhir_server.security.refusal import Refusal
from fhir_server.security.scopes import read_scopes
from fhir_server.security.verified_tokens import VerifiedTokens
from tests.security.signing import EC256, NOW, by_public_key, signed, unsigned

ISSUER, BASE = "https://fhir.example.org", "https://fhir.example.org/fhir"
KEY = new_signing_key(NOW)
SCOPES = read_scopes("system/Patient.rs").scopes


def check(token: str, now: float = NOW, base: str = BASE):
    return checked_access_token(token, own_header(token), public_keys([KEY], now), ISSUER, base, now)


def test_a_token_grants_what_it_was_made_for():
    granted = check(new_access_token(KEY, ISSUER, BASE, "gp", SCOPES, NOW))
    assert (granted.client, granted.scopes, granted.expires) == ("gp", SCOPES, NOW + SECONDS)


def test_a_token_ends_and_is_for_one_server():
    token = new_access_token(KEY, ISSUER, BASE, "gp", SCOPES, NOW)
    with pytest.raises(Refusal, match="expired"):
        check(token, NOW + SECONDS + 61)
    with pytest.raises(Refusal, match="aud"):
        check(token, base="https://other.example.org/fhir")


def own_claims(**changed):
    return {"iss": ISSUER, "aud": BASE, "client_id": "gp", "scope": "system/*.cruds", "exp": NOW + 60, **changed}


def test_a_token_that_another_made_is_refused():
    ours = ECKey.import_key(json.loads(KEY.private))
    for token, words in (
        (signed(own_claims(), EC256, "ES256", KEY.kid, typ="at+jwt"), "signature"),
        (signed(own_claims(), EC256, "ES256", "other", typ="at+jwt"), "no key of this server"),
        (signed(own_claims(), ours, "ES256", KEY.kid, typ="JWT"), "typ"),
        (signed(own_claims(), ours, "ES256", KEY.kid), "typ"),
        (signed(own_claims(iss="x"), ours, "ES256", KEY.kid, typ="at+jwt"), "iss"),
        (unsigned(own_claims(), kid=KEY.kid, typ="at+jwt"), "signed by none"),
        (by_public_key(own_claims(), ours, KEY.kid), "signed by HS256"),
    ):
        with pytest.raises(Refusal, match=words):
            check(token)
    assert check(signed(own_claims(), ours, "ES256", KEY.kid, typ="at+jwt")).client == "gp"


def test_keys_take_turns_and_stay_published_for_a_while():
    newer = new_signing_key(NOW + SIGNS)
    assert signing_now([KEY], NOW + SIGNS - 1) == KEY
    assert signing_now([KEY], NOW + SIGNS) is None
    assert signing_now([KEY, newer], NOW + SIGNS) == newer
    assert public_keys([KEY, newer], NOW + SIGNS).has(KEY.kid)
    assert not public_keys([KEY, newer], NOW + SIGNS + STAYS).has(KEY.kid)


def test_what_is_published_has_no_private_part():
    (key,) = public_keys([KEY], NOW).keys
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_verified_token_is_remembered_until_it_ends_or_clients_change():
    known = VerifiedTokens(most=2)
    known.keep(b"a", BASE, OPEN, NOW + 10, revision=1)
    assert known.find(b"a", BASE, 1, NOW) is OPEN
    assert known.find(b"b", BASE, 1, NOW) is None
    assert known.find(b"a", BASE, 2, NOW) is None
    assert known.find(b"a", BASE, 1, NOW) is None, "what was found stale is forgotten"
    known.keep(b"a", BASE, OPEN, NOW + 10, revision=1)
    assert known.find(b"a", BASE, 1, NOW + 10) is None


def test_no_more_tokens_are_remembered_than_there_is_room_for():
    known = VerifiedTokens(most=2)
    for token in (b"a", b"b"):
        known.keep(token, BASE, OPEN, NOW + 10, 1)
    known.find(b"a", BASE, 1, NOW)
    known.keep(b"c", BASE, OPEN, NOW + 10, 1)
    assert [token for token in (b"a", b"b", b"c") if known.find(token, BASE, 1, NOW)] == [b"a", b"c"]

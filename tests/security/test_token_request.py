"""The token endpoint's form, its answers, and its errors."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from fhir_server.security.client import Client
from fhir_server.security.client_assertion import ASSERTION_TYPE
from fhir_server.security.refusal import MOST_CHARACTERS, Refusal, challenge
from fhir_server.security.scopes import write_scopes
from fhir_server.security.token_request import FORM, granted_scopes, read_token_request, refusal_response

GOOD = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b.c", "scope": "system/*.rs"}


def form(**changed: str | None) -> bytes:
    return urlencode({name: value for name, value in {**GOOD, **changed}.items() if value is not None}).encode()


def test_a_good_form_is_read():
    read = read_token_request(FORM + ";charset=UTF-8", form())
    assert (read.assertion, read.scope) == ("a.b.c", "system/*.rs")


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/json", b"{}", "invalid_request"),
        (FORM, b"", "invalid_request"),
        (FORM, form(grant_type="authorization_code"), "unsupported_grant_type"),
        (FORM, form(client_assertion=None), "invalid_client"),
        (FORM, form(client_assertion_type="x"), "invalid_client"),
        (FORM, form() + b"&scope=system/*.cruds", "invalid_request"),
        (FORM, b"a=b&" * 30, "invalid_request"),
        (FORM, "scope=\u00e9".encode(), "invalid_request"),
    ],
)
def test_a_bad_form_is_refused(kind, body, error):
    with pytest.raises(Refusal) as caught:
        read_token_request(kind, body)
    assert caught.value.error == error


def test_a_client_gets_what_it_asks_within_what_it_is_registered_for():
    client = Client("gp", "GP", "system/CarePlan.rs system/Patient.r")
    assert write_scopes(granted_scopes("system/*.cruds openid", client)) == "system/CarePlan.rs system/Patient.r"
    for asked in ("system/Observation.rs", "user/*.cruds", "patient/*.rs", "nonsense"):
        with pytest.raises(Refusal) as caught:
            granted_scopes(asked, client)
        assert caught.value.error == "invalid_scope"


def test_without_a_scope_a_client_asks_for_what_it_is_registered_for():
    client = Client("gp", "GP", "system/CarePlan.rs user/Patient.r")
    assert write_scopes(granted_scopes(read_token_request(FORM, form(scope=None)).scope, client)) == "system/CarePlan.rs"


def test_a_description_breaks_out_of_no_header_and_no_json():
    refusal = Refusal("invalid_scope", 'a"b\r\nSet-Cookie: x=y\\\u00e9' + "x" * 1000)
    assert refusal.description.startswith("a?b??Set-Cookie: x=y??x")
    assert len(refusal.description) == MOST_CHARACTERS
    assert "\n" not in challenge(refusal)
    status, body = refusal_response(refusal)
    assert (status, json.loads(body)["error"]) == (400, "invalid_scope")


def test_a_client_that_is_not_known_is_status_401():
    assert refusal_response(Refusal("invalid_client", "x"))[0] == 401

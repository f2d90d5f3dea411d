"""The page /validate without a browser: each finding at its line, nothing of the text as markup, strict headers, no script needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fhir_server.console import console_routes
from fhir_server.console.validation import MAX_BYTES, ValidationDesk, verdict
from fhir_server.definitions.definitions import Definitions
from fhir_server.settings import Settings
from fhir_server.validation import Validator
from fhir_server.validation.document import DocumentCheck

WRONG = '{\n  "resourceType": "Patient",\n  "birthDate": "31/12/1950"\n}'


@pytest.fixture(scope="module")
def desk(definitions: Definitions) -> ValidationDesk:
    validator = Validator(definitions)
    return ValidationDesk(definitions, lambda profiles: DocumentCheck(definitions, profiles, validator))


@pytest.fixture(scope="module")
def client(desk: ValidationDesk) -> Iterator[TestClient]:
    app = Starlette(routes=console_routes(Settings(), desk=desk))
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        yield client


def checked(client: TestClient, text: str, profile: str = "", language: str = "en") -> str:
    form = urlencode({"resource": text.replace("\n", "\r\n"), "profile": profile})
    headers = {"content-type": "application/x-www-form-urlencoded", "accept-language": language}
    response = client.post("/validate", content=form, headers=headers)
    assert response.status_code == 200
    return str(response.text)


def test_a_finding_stands_at_its_line_and_marks_what_it_means(client: TestClient) -> None:
    html = checked(client, WRONG)
    assert '<a href="#line-3">Line 3</a>' in html
    assert '<div class="line wrong" id="line-3"><span class="number">3</span><code>  <mark>&#34;birthDate&#34;</mark>' in html
    assert "Not valid" in html


def test_a_good_resource_is_said_to_be_valid(client: TestClient) -> None:
    assert "Valid: no error found" in checked(client, '{"resourceType": "Patient", "gender": "female"}')


def test_the_form_keeps_what_was_sent(client: TestClient) -> None:
    html = checked(client, WRONG, "http://example.org/StructureDefinition/x")
    assert unescape(html.partition("required aria-describedby")[2].partition(">")[2].partition("</textarea>")[0]).strip("\n") == WRONG
    assert 'value="http://example.org/StructureDefinition/x"' in html


def test_it_speaks_french(client: TestClient) -> None:
    html = checked(client, WRONG, language="fr")
    assert "Non valide" in html
    assert "Erreurs\u00a0: <b>1</b>" in html
    assert "est attendu" in html


HOSTILE = ("<script>alert(1)</script>", '{"resourceType": "Patient", "<img src=x onerror=alert(1)>": 1}', "</textarea><i onclick=x>")


class Tags(HTMLParser):
    """The elements of a page, and their attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_the_text_is_markup(client: TestClient, text: str) -> None:
    for html in (checked(client, text), checked(client, WRONG, f'">{text}')):
        tags = Tags(html).found
        assert not [name for name, attributes in tags if name == "i" or any(key.startswith("on") for key in attributes)]
        assert [str(attributes.get("src")).partition("?")[0] for name, attributes in tags if name in ("script", "img")] == [
            "/static/validate.js",
            "/static/passerelle.svg",
        ]


@pytest.mark.parametrize("text", ["", "   ", "{", "[]", "null", "<Patient", "\x00", "é" * 1000, "[" * 3000, '{"resourceType":"Nothing"}'])
def test_any_text_is_answered(client: TestClient, text: str) -> None:
    assert "<form" in checked(client, text)


def test_a_text_that_is_too_large_is_refused_before_it_is_held(client: TestClient) -> None:
    response = client.post("/validate", content=b"resource=" + b"x" * MAX_BYTES)
    assert response.status_code == 413
    assert "passerelle validate" in response.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_our_own_script_may_run_and_only_our_own_form_be_sent(client: TestClient, method: str) -> None:
    headers = client.request(method, "/validate").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["form-action"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_a_text_on_one_line_is_laid_out_with_its_decimals(desk: ValidationDesk) -> None:
    people = [{"gender": "male"}] * 20
    text = json.dumps({"resourceType": "Patient", "contact": people}).replace("}]}", '}], "multipleBirthInteger": 1.50}')
    found = verdict(desk, text, "", "en")
    assert found.reformatted
    assert len(found.lines) > 60
    assert any("1.50" in line.before + line.marked + line.after for line in found.lines)


def test_of_a_long_text_the_lines_around_findings_are_shown(desk: ValidationDesk) -> None:
    names = ",\n".join('{"family": "A"}' for _ in range(3000))
    found = verdict(desk, f'{{"resourceType": "Patient",\n"name": [{names}],\n"colour": "red"}}', "", "en")
    numbers = [line.number for line in found.lines]
    assert 0 in numbers
    assert len(numbers) < 20
    assert found.errors == 1

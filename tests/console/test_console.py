"""The pages for people: they answer, in both languages, under strict headers, with every link leading somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fhir_server.console import console_routes
from fhir_server.console.api import Parameter, api_view
from fhir_server.console.documents import Documents, rendered
from fhir_server.console.language import LANGUAGES, preferred_language, texts
from fhir_server.console.static import static_path
from fhir_server.definitions.definitions import Definitions
from fhir_server.rest.openapi import openapi
from fhir_server.rest.routes import ROUTES
from fhir_server.settings import Settings

ELSEWHERE = ("/fhir/metadata", "/health/ready", "/metrics")
PAGES = ("/", "/api", "/docs/", "/docs/getting-started", "/docs/decisions/", "/docs/decisions/0001-the-house")
HOSTILE = ("<script>alert(1)</script>", "a'; touch /tmp/x; '", 'x"onload="y', "[", "a b", "host:port", "", "\xe9")


@pytest.fixture(scope="module")
def document(definitions: Definitions) -> dict[str, Any]:
    """The OpenAPI document of the real routes and definitions."""
    service: Any = SimpleNamespace(
        definitions=definitions, schema=definitions.schema, routes=ROUTES, settings=SimpleNamespace(software_version="1.2.3")
    )
    return openapi(service, "/fhir")


@pytest.fixture(scope="module")
def client(document: dict[str, Any]) -> Iterator[TestClient]:
    with client_of(Settings(), document) as client:
        yield client


def client_of(settings: Settings, document: dict[str, Any] | None = None, **options: Any) -> TestClient:
    elsewhere = [Route(path, PlainTextResponse("elsewhere")) for path in ELSEWHERE]
    app = Starlette(routes=[*elsewhere, *console_routes(settings, (lambda: document) if document else None)])
    return TestClient(app, base_url="http://127.0.0.1:8080", **options)


def page(client: TestClient, path: str, language: str = "en", **headers: str) -> str:
    response = client.get(path, headers={"accept-language": language, **headers})
    assert response.status_code == 200, path
    return str(response.text)


class Reader(HTMLParser):
    """Collects what a browser would follow or jump to, and whether every element is closed."""

    VOID = frozenset({"meta", "link", "img", "br", "hr"})

    def __init__(self, html: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.tags: list[str] = []
        self.language = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(own)
        self.links += [value for name in ("href", "src") if (value := own.get(name)) is not None]
        self.ids += [value for value in [own.get("id")] if value]
        self.language = str(own.get("lang")) if tag == "html" else self.language
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes another element"


def crawled(client: TestClient, language: str) -> dict[str, Reader]:
    """Every page that can be reached from the start page without leaving the server."""
    read: dict[str, Reader] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        response = client.get(path, headers={"accept-language": language})
        assert response.status_code == 200, f"a link leads to {path}, which answers {response.status_code}"
        assert response.headers.get("content-language", language) == language
        read[path] = Reader(response.text if "html" in response.headers["content-type"] else "")
        targets = {urldefrag(urljoin(path, link)).url for link in read[path].links}
        waiting += sorted(target for target in targets - set(read) - set(waiting) if not urlsplit(target).scheme)
    return read


@pytest.fixture(scope="module", params=LANGUAGES)
def pages(client: TestClient, request: pytest.FixtureRequest) -> dict[str, Reader]:
    return crawled(client, request.param)


def test_every_link_on_every_page_leads_somewhere(pages: dict[str, Reader]) -> None:
    assert set(ELSEWHERE) | {"/api/openapi.json", "/docs/decisions/0001-the-house", "/docs/configuration"} <= set(pages)
    for path, reader in pages.items():
        for link in reader.links:
            target, fragment = urldefrag(urljoin(path, link))
            assert not fragment or urlsplit(target).scheme or fragment in pages[target].ids, f"{link} on {path}"


def test_pages_are_well_formed_and_need_no_script_or_inline_style(pages: dict[str, Reader]) -> None:
    assert len({reader.language for reader in pages.values() if reader.tags}) == 1
    for path, reader in pages.items():
        if reader.tags:
            assert not {"script", "style", "form", "iframe"} & set(reader.tags), path
            assert not [name for name in reader.attributes if name == "style" or name.startswith("on")], path
            assert len(reader.ids) == len(set(reader.ids)), path
            assert reader.tags.count("h1") == 1, path


@pytest.mark.parametrize("path", [*PAGES, "/api/openapi.json", "/static/passerelle.css", "/favicon.ico", "/docs", "/docs/nothing"])
def test_every_answer_carries_the_strict_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, follow_redirects=False).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == policy["img-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_the_start_page_says_what_is_running(client: TestClient) -> None:
    text = page(client, "/")
    for said in ("http://127.0.0.1:8080/fhir", "127.0.0.1:2575", "SQLite", "no: loopback only", "passerelle validate FILE"):
        assert said in text
    command = "curl 'http://127.0.0.1:8080/fhir/CarePlan?patient.identifier=urn:oid:1.2.250.1.213.1.4.10|242077505612343"
    assert f"{command}&_include=CarePlan:care-team'" in unescape(text)


@pytest.mark.parametrize(
    ("settings", "said", "unsaid"),
    [
        ({"database": "postgresql://u:secret@db/p"}, "PostgreSQL", "secret"),
        ({"data": Path("/srv/hidden")}, "SQLite", "hidden"),
        ({"mllp": False}, "<dd>off</dd>", "send hl7"),
        ({"mllp_port": 0}, "a free port", ":0<"),
        ({"mllp_host": "::1", "mllp_port": 2600}, "[::1]:2600", "127.0.0.1:2575"),
        ({"authentication": "required"}, "passerelle clients registers it", "loopback only"),
        ({"base_url": "https://fhir.example.org/fhir"}, "https://fhir.example.org/fhir/CarePlan?", "127.0.0.1:8080"),
        ({"base_url": "https://x.example/a'b<i>"}, "https://x.example/a&#39;b&lt;i&gt;", "<i>"),
        ({}, "passerelle send hl7 FILE", 'href="/api"'),
    ],
)
def test_the_start_page_follows_the_settings(settings: dict[str, Any], said: str, unsaid: str) -> None:
    text = page(client_of(Settings(**settings)), "/")
    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("path", ["/", "/api", "/api/openapi.json"])
def test_a_host_header_that_is_no_host_name_is_not_repeated(client: TestClient, path: str, host: str) -> None:
    response = client.get(path, headers=[("host", host.encode("latin-1"))])
    assert "http://127.0.0.1:8080/fhir" in response.text
    assert f"http://{host}/fhir" not in unescape(response.text)


def test_a_request_by_another_name_is_answered_with_that_name(client: TestClient) -> None:
    assert "http://passerelle.hopital.test:81/fhir/CarePlan" in page(client, "/", host="passerelle.hopital.test:81")
    assert client.get("/api/openapi.json", headers={"host": "[::1]:81"}).json()["servers"] == [{"url": "http://[::1]:81/fhir"}]


def test_behind_a_proxy_that_cuts_off_a_path_every_link_keeps_it(document: dict[str, Any]) -> None:
    client = client_of(Settings(), document, root_path="/passerelle")
    for path in ("/", "/api", "/docs/", "/docs/decisions/"):
        rooted = [link for link in Reader(page(client, path)).links if link.startswith("/")]
        assert rooted
        assert [link for link in rooted if not link.startswith("/passerelle/")] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("fr", "fr"), ("fr-CA,en;q=0.5", "fr"), ("en-GB,fr;q=0.9", "en"), ("de, fr;q=0.1", "fr"), ("FR;Q=1", "fr"), ("*", "en"),
        ("fr;q=0, de", "en"), ("en;q=0.2, fr;q=0.3", "fr"), ("fr;q=2", "en"), ("fr;q=nan", "en"), ("fr;q=x", "en"), ("de", "en"),
        ("<script>", "en"), (",;,=q=;;", "en"), ("fr;level=1;q=0.4,en;q=0.3", "fr"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_preferred_of_those_there_are(client: TestClient, header: str, language: str) -> None:
    response = client.get("/", headers={"accept-language": header})
    assert (preferred_language(header), response.headers["content-language"]) == (language, language)
    assert f'<html lang="{language}">' in response.text
    assert "Accept-Language" in response.headers["vary"]


@given(st.text(max_size=60))
def test_any_accept_language_gives_a_language_there_is(header: str) -> None:
    assert preferred_language(header) in LANGUAGES


def leaves(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        return {key: text for name, below in value.items() for key, text in leaves(below, f"{path}/{name}").items()}
    return {path: value}


def test_both_languages_have_every_text() -> None:
    english, french = (leaves(texts(language)) for language in ("en", "fr"))
    translated = {key for key in french if not key.startswith("/api/summaries/")}
    assert translated == set(english)
    assert {key for key in translated if not french[key]} == set()
    assert {key for key in english if not english[key]} == {"/docs/only_english"}


def test_french_has_what_every_interaction_does(document: dict[str, Any]) -> None:
    view = api_view(document)
    shown = {
        one.summary
        for one in (*view.system, *view.every_type, *view.operations, *(own for type_ in view.types for own in type_.operations))
    }
    assert shown - set(texts("fr")["api"]["summaries"]) == set()


def test_the_api_page_shows_each_interaction_operation_and_search_parameter(client: TestClient, document: dict[str, Any]) -> None:
    text = unescape(page(client, "/api"))
    for route in ROUTES:
        assert all(f"<code>{address}</code>" in text for address in route.addresses)
    patient = text.partition('<details id="Patient">')[2].partition("</details>")[0]
    assert "<code>birthdate</code> <span>date</span>" in patient
    assert "_lastUpdated" not in patient
    assert "application/fhir+xml" in text


def test_what_all_types_have_is_said_once(document: dict[str, Any]) -> None:
    view = api_view(document)
    assert Parameter("_lastUpdated", "date") in view.common
    assert all(parameter not in view.common for type_ in view.types for parameter in type_.parameters)
    assert len(view.types) == len(document["components"]["parameters"]["type"]["schema"]["enum"])


def test_an_operation_of_one_type_stands_with_that_type() -> None:
    types = {"name": "type", "in": "path", "schema": {"enum": ["Patient", "Task"]}}
    paths = {"/Patient/{id}/$everything": {"get": {"summary": "All"}}, "/{type}/$validate": {"post": {}}, "/metadata": {"get": {}}}
    view = api_view({"paths": paths, "components": {"parameters": {"type": types}}})
    assert [[one.path for one in type_.operations] for type_ in view.types] == [["/Patient/{id}/$everything"], []]
    assert [[one.path for one in some] for some in (view.operations, view.system)] == [["/{type}/$validate"], ["/metadata"]]


def test_text_of_the_openapi_document_is_escaped() -> None:
    paths = {"/<b>": {"get": {"summary": "<img src=x>", "responses": {"200": {"content": {"<i>": {}}}}}}}
    text = page(client_of(Settings(), {"paths": paths}), "/api")
    assert not {"<b>", "<img src=x>", "<i>"} & set(re.findall(r"<[^>]+>", text))


def test_the_openapi_document_is_served_as_it_is_but_for_the_address(client: TestClient, document: dict[str, Any]) -> None:
    served = client.get("/api/openapi.json")
    assert served.headers["content-type"] == "application/json"
    assert served.json() == json.loads(json.dumps(document)) | {"servers": [{"url": "http://127.0.0.1:8080/fhir"}]}


def test_without_a_document_there_is_no_api_page() -> None:
    assert client_of(Settings()).get("/api").status_code == 404


OUTSIDE = """
/docs/../pyproject.toml /docs/%2e%2e/README /docs/..%2fREADME /docs//etc/passwd /docs/decisions/../../README /docs/nothing
/docs/getting-started/ /docs/%00 /docs/..%5c..%5cREADME /static/..%2froutes.py /static/routes.py /static/passerelle.css%00
"""


@pytest.mark.parametrize("path", OUTSIDE.split())
def test_nothing_but_the_documents_is_served(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "[project]" not in response.text


def test_a_missing_document_is_said_in_a_page_that_leads_back(client: TestClient) -> None:
    response = client.get("/docs/nothing", headers={"accept-language": "fr"})
    assert (response.status_code, Reader(response.text).language) == (404, "fr")
    assert "Cette page n’existe pas" in response.text


def test_a_document_is_english_in_a_french_page(client: TestClient) -> None:
    text = page(client, "/docs/getting-started", "fr")
    assert '<article lang="en">' in text
    assert "La documentation est rédigée en anglais." in text


def test_the_style_sheet_and_the_icon_may_be_kept_under_the_address_of_their_content(client: TestClient) -> None:
    for name, media in (("passerelle.css", "text/css; charset=utf-8"), ("passerelle.svg", "image/svg+xml")):
        response = client.get(static_path(name))
        assert (response.status_code, response.headers["content-type"]) == (200, media)
        assert "immutable" in response.headers["cache-control"]
        assert client.get(f"/static/{name}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "source", "html"),
    [
        ("a", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("a", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("a", "[x](b.md)", '<a href="b">x</a>'),
        ("a", "[x](b.md#part-two)", '<a href="b#part-two">x</a>'),
        ("a", "[x](#part)", '<a href="#part">x</a>'),
        ("a", "[x](decisions/)", '<a href="decisions/">x</a>'),
        ("decisions/1", "[x](../b.md)", '<a href="../b">x</a>'),
        ("a", "[x](../README.md)", "<a>x</a>"),
        ("a", "[x](/etc/passwd)", "<a>x</a>"),
        ("a", "[x](https://hl7.org/fhir)", '<a href="https://hl7.org/fhir" rel="noreferrer">x</a>'),
        ("a", "## Is it `so`?\n## Is it so", '<h2 id="is-it-so">Is it <code>so</code>?</h2>\n<h2 id="is-it-so-1">'),
        ("a", "| x |\n| --: |\n| y |", '<th role="columnheader">x</th>'),
    ],
)
def test_markdown_becomes_html(name: str, source: str, html: str) -> None:
    assert html in rendered(name, source).html


def test_documents_stand_in_the_order_of_the_index(tmp_path: Path) -> None:
    files = {"index": "# All\n[z](z.md) [b](b.md)", "a": "# A", "b": "# B", "z": "# Z", "decisions/0001": "# One"}
    for name, source in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.md").write_text(source)
    documents = Documents(tmp_path)
    assert [one.title for one in documents.contents] == ["All", "Z", "B", "A"]
    assert (documents.folders, [one.title for one in documents.folder("decisions")]) == (["decisions"], ["One"])


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def schemes() -> dict[str, dict[str, str]]:
    css = (Path(console_routes.__code__.co_filename).parent / "static" / "passerelle.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL))
    return {"light": light, "dark": dark}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_contrasts_with_what_it_stands_on_as_wcag_aa_asks(scheme: str) -> None:
    colours = schemes()[scheme]
    grounds = dict.fromkeys(("text", "quiet", "accent", "change", "danger"), ("ground", "raised", "sunken"))
    pairs = [(text, ground) for text, some in grounds.items() for ground in some] + [
        ("change", "warning-ground"),
        ("text", "warning-ground"),
    ]
    for text, ground in pairs:
        darker, lighter = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{text} on {ground}"


def test_both_schemes_name_the_same_colours() -> None:
    light, dark = schemes().values()
    assert set(light) == set(dark)


def test_the_formats_of_the_api_page_can_be_asked_for(client: TestClient) -> None:
    text = page(client, "/api")
    assert "application/fhir+xml" in text
    assert "*/*" not in text

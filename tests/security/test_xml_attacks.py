"""XML that fetches, grows or hides, by every way in which XML comes in: refused before anything of it is done
(https://cheatsheetseries.owasp.org/cheatsheets/XML_External_Entity_Prevention_Cheat_Sheet.html).
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.patch import patch_of_body
from tests.security.local_server import local_server, reply
from tests.security.whole_application import ask, whole_application

SECRET = "root:x:0:0"
NS = "xmlns='http://hl7.org/fhir'"
LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


def patient(text: str) -> str:
    return f"<Patient {NS}><name><family value='{text}'/></name></Patient>"


def attacks(port: int, secret: Path) -> dict[str, str]:
    """By name; `port` is of a server that must not be asked, `secret` a file that must not be read."""
    include = f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{secret.as_uri()}' parse='text'/>"
    return {
        "a file as an entity": f"<!DOCTYPE Patient [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>{patient('&x;')}",
        "an address as an entity": f"<!DOCTYPE Patient [<!ENTITY x SYSTEM 'http://127.0.0.1:{port}/x'>]>{patient('&x;')}",
        "a parameter entity": f"<!DOCTYPE Patient [<!ENTITY % x SYSTEM 'http://127.0.0.1:{port}/x.dtd'> %x;]>{patient('a')}",
        "a DTD elsewhere": f"<!DOCTYPE Patient SYSTEM 'http://127.0.0.1:{port}/x.dtd'>{patient('a')}",
        "a DTD by a public name": f"<!DOCTYPE Patient PUBLIC '-//X//EN' 'http://127.0.0.1:{port}/x.dtd'>{patient('a')}",
        "billions of laughs": f"<!DOCTYPE Patient [<!ENTITY l0 'ha'>{LAUGHS}]>{patient('&l9;')}",
        "quadratic": f"<!DOCTYPE Patient [<!ENTITY a '{'a' * 50_000}'>]>{patient('&a;' * 10_000)}",
        "a DOCTYPE that does nothing": f"<!DOCTYPE Patient>{patient('a')}",
        "an entity nobody declared": patient("&xxe;"),
        "an inclusion": f"<Patient {NS}><text><status value='generated'/><div xmlns='http://www.w3.org/1999/xhtml'>{include}</div></text></Patient>",
    }


NAMES = list(attacks(0, Path("/")))
PLACES = ("/fhir/Patient", "/fhir/Patient/$validate", "/fhir", "/validate")


@pytest.fixture(scope="module")
def run() -> Any:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def application(run, definitions, tmp_path_factory):
    with whole_application(run, definitions, tmp_path_factory.mktemp("data")) as app:
        yield app


def posted(run: Any, app: Any, path: str, source: str) -> tuple[int, bytes]:
    if path == "/validate":
        from urllib.parse import urlencode

        form = {"content-type": "application/x-www-form-urlencoded"}
        status, _, body = ask(run, app, "POST", path, urlencode({"resource": source}).encode(), form)
        return status, body
    status, _, body = ask(run, app, "POST", path, source.encode(), {"content-type": "application/fhir+xml"})
    return status, body


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_xml_that_fetches_or_grows_is_refused_unread(run, application, tmp_path, name, path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    asked: list[bytes] = []
    with local_server(lambda head: asked.append(head) or reply(SECRET.encode())) as port:
        source = attacks(port, secret)[name]
        wrapped = source.partition("<Patient")[0] + f"<Bundle {NS}><type value='batch'/></Bundle>" if path == "/fhir" else source
        status, body = posted(run, application, path, wrapped)
    assert asked == []
    assert SECRET.encode() not in body
    assert len(body) < 200_000
    if "<!DOCTYPE" in wrapped and path in ("/fhir/Patient", "/fhir"):
        assert status == 400
        assert "DOCTYPE" in json.loads(body)["issue"][0]["diagnostics"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "an inclusion"])
def test_an_xml_patch_is_read_by_the_same_rules(tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    source = attacks(9, secret)[name]
    with pytest.raises(FhirError):
        patch_of_body("application/xml-patch+xml", source.encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_narrative_in_json_is_read_by_the_same_rules(run, application, tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    source = attacks(9, secret)[name]
    div = source.partition("<Patient")[0] + "<div xmlns='http://www.w3.org/1999/xhtml'>&x;&l9;</div>"
    resource = {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
    kind = {"content-type": "application/fhir+json"}
    status, _, body = ask(run, application, "POST", "/fhir/Patient/$validate", json.dumps(resource).encode(), kind)
    assert status in (200, 400, 422)
    assert SECRET.encode() not in body


def test_a_bundle_with_a_doctype_is_refused_though_it_is_well_formed(run, application):
    """The control: without the DOCTYPE the same text is taken."""
    assert posted(run, application, "/fhir/Patient", patient("a"))[0] == 201
    assert posted(run, application, "/fhir/Patient", f"<!DOCTYPE Patient>{patient('a')}")[0] == 400

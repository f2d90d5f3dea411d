"""Every page in a real browser under its Content-Security-Policy: nothing that it needs is refused, nothing that was sent runs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from fhir_server.console.documents import Documents, documents_folder
from fhir_server.definitions.definitions import Definitions
from tests.browser.chromium import Page, browser, installed
from tests.browser.served import served
from tests.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(installed() is None, reason="no chromium here (on Debian: apt install chromium)")]

SCRIPT = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"


@pytest.fixture(scope="module")
def address(definitions: Definitions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(definitions, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def complaints(page: Page) -> list[str]:
    """What the browser said since it was last asked."""
    said, page.messages[:] = list(page.messages), []
    return said


def test_no_page_needs_what_its_policy_refuses(page: Page, address: str) -> None:
    documents = Documents(documents_folder())
    names = [one.name for one in documents.contents] + documents.folders
    assert len(names) > 10
    for path in ("/", "/validate", "/forms", "/api", *(f"/docs/{name}" for name in names)):
        page.visit(address + path)
        assert page.run("getComputedStyle(document.body).fontFamily"), path
        assert complaints(page) == [], path


def test_the_browser_tells_of_what_a_policy_refuses(page: Page, address: str) -> None:
    """Without this, the silence above would mean nothing."""
    page.visit(address + "/")
    page.run("document.body.insertAdjacentHTML('beforeend', '<style>p {color: red}</style>')")
    assert [text for text in complaints(page) if "Content Security Policy" in text]


def test_a_script_that_is_stored_does_not_run_when_it_is_opened(page: Page, address: str) -> None:
    patient = {"resourceType": "Patient", "id": "x", "name": [{"text": SCRIPT}]}
    httpx.put(f"{address}/fhir/Patient/x", json=patient, headers={"content-type": "application/fhir+json"}).raise_for_status()
    for path in ("/fhir/Patient/x", "/fhir/Patient/x?_format=xml", "/fhir/Patient?name=" + SCRIPT, "/fhir/" + SCRIPT, "/" + SCRIPT):
        page.visit(address + path)
        assert page.run("document.title") != "ran", path


def test_a_stored_page_is_saved_not_shown(page: Page, address: str) -> None:
    httpx.put(f"{address}/fhir/Binary/x", content=SCRIPT.encode(), headers={"content-type": "text/html"}).raise_for_status()
    page.visit(address + "/")
    page.call("Page.navigate", url=f"{address}/fhir/Binary/x")
    time.sleep(0.5)
    assert page.run("document.title") != "ran"
    assert page.run("location.pathname") == "/"


def test_no_page_lets_itself_be_framed(page: Page, address: str) -> None:
    page.visit("about:blank")
    for path in ("/", "/validate", "/fhir/metadata"):
        page.run(f"document.body.innerHTML = '<iframe src=\"{address}{path}\"></iframe>'")
        until = time.monotonic() + PATIENCE
        while not framed(page) and time.monotonic() < until:
            time.sleep(0.05)
        assert framed(page) == [address + path], path


def framed(page: Page) -> list[str]:
    """The addresses that the frames of the page were to show and could not."""
    frames = page.call("Page.getFrameTree")["frameTree"].get("childFrames", [])
    return [one["frame"]["unreachableUrl"] for one in frames if "unreachableUrl" in one["frame"]]

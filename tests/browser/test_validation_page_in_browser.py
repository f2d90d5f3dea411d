"""/validate in a real browser, served as it is: with its script, and with scripts switched off."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from fhir_server.console import console_routes
from fhir_server.console.validation import ValidationDesk
from fhir_server.definitions.definitions import Definitions
from fhir_server.settings import Settings
from fhir_server.validation import Validator
from fhir_server.validation.document import DocumentCheck
from tests.browser.chromium import Page, browser, installed

pytestmark = [pytest.mark.slow, pytest.mark.skipif(installed() is None, reason="no chromium here (on Debian: apt install chromium)")]

WRONG = {"resourceType": "Patient", "gender": "femme", "contact": [{"gender": "male"}]}


@pytest.fixture(scope="module")
def address(definitions: Definitions) -> Iterator[str]:
    validator = Validator(definitions)
    desk = ValidationDesk(definitions, lambda profiles: DocumentCheck(definitions, profiles, validator))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Starlette(routes=console_routes(Settings(), desk=desk)), log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/validate"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def fill(page: Page, text: str) -> None:
    page.run(f"document.getElementById('resource').value = {json.dumps(text)}")


def sent(page: Page) -> None:
    """The button pressed, and the verdict there."""
    page.run("document.querySelector('form button').click()")
    page.wait_for("document.readyState === 'complete' && !!document.getElementById('verdict')")


@pytest.mark.parametrize("scripting", [True, False])
def test_a_pasted_resource_shows_its_findings_beside_their_lines(page: Page, address: str, scripting: bool) -> None:
    page.scripting(scripting)
    page.visit(address)
    fill(page, json.dumps(WRONG, indent=2))
    sent(page)
    page.scripting(True)
    below = page.run("document.querySelector('#line-3 + .finding.error').textContent")
    assert "Patient.gender" in below
    assert page.run("document.querySelector('#line-3 mark').textContent") == '"gender"'


def test_a_finding_leads_to_its_line(page: Page, address: str) -> None:
    page.visit(address)
    fill(page, json.dumps(WRONG, indent=2) + "\n" * 200)
    sent(page)
    page.run("document.querySelector('.findings .error a').click()")
    page.wait_for("document.querySelector('.line:target') !== null")
    assert page.run("document.querySelector('.line:target').id") == page.run("location.hash.slice(1)")
    assert page.run("(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('.line:target').getBoundingClientRect())")


def test_a_chosen_file_is_read_into_the_form(page: Page, address: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps(WRONG))
    page.visit(address)
    page.choose_file("#file", tmp_path / "wrong.json")
    page.wait_for("document.getElementById('resource').value !== ''")
    assert json.loads(page.run("document.getElementById('resource').value")) == WRONG


def test_a_dropped_file_is_read_into_the_form(page: Page, address: str) -> None:
    page.visit(address)
    page.run(
        "(() => { const data = new DataTransfer(); data.items.add(new File(['{\"a\": 1}'], 'a.json'));"
        " document.getElementById('resource').dispatchEvent(new DragEvent('drop', {dataTransfer: data, cancelable: true})); })()"
    )
    page.wait_for("document.getElementById('resource').value !== ''")
    assert page.run("document.getElementById('resource').value") == '{"a": 1}'


def test_the_browser_complains_of_nothing_and_the_page_fits_a_telephone(page: Page, address: str, tmp_path: Path) -> None:
    page.visit(address)
    fill(page, json.dumps(WRONG, indent=2))
    sent(page)
    page.screenshot(tmp_path / "narrow.png", width=360, dark=True)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.messages == []

"""/forms in a real browser: a form is answered by keyboard alone, in both languages, under the policy that the page has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.definitions.definitions import Definitions
from tests.browser.chromium import Page, browser, installed
from tests.browser.demonstration_form import form
from tests.browser.served import served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(installed() is None, reason="no chromium here (on Debian: apt install chromium)")]

FHIR = {"content-type": "application/fhir+json"}
PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-questionnaire-response"
READY = "!document.getElementById('form').hidden && !!document.querySelector('.paper input')"
FOCUSED = (
    "(e => [e.closest('[data-linkid]')?.dataset.linkid, e.value ?? '', e.innerText ?? '', e.getAttribute('aria-label') ?? '', e.id]"
    ".join(' | '))(document.activeElement)"
)


@pytest.fixture(scope="module")
def address(definitions: Definitions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    person = {"resourceType": "Patient", "id": "jeanne", "name": [{"family": "Exemple", "given": ["Jeanne"]}], "birthDate": "1944-05-02"}
    professional = {"resourceType": "Practitioner", "id": "camille", "name": [{"family": "Modèle", "given": ["Camille"]}]}
    with served(definitions, tmp_path_factory.mktemp("data")) as address:
        for resource in (form(), person, professional):
            place = f"{address}/fhir/{resource['resourceType']}/{resource['id']}"
            httpx.put(place, json=resource, headers=FHIR).raise_for_status()
        yield address


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def opened(page: Page, address: str, language: str) -> None:
    page.languages(language)
    page.visit(f"{address}/forms/browser-demonstration")
    page.wait_for(READY)


def choose(page: Page, value: str, keys: int) -> None:
    """Arrows among radio buttons, each once the one before it has moved the choice."""
    for moved in range(1, keys + 1):
        page.press("ArrowDown")
        page.wait_for(f"document.activeElement.checked && document.activeElement.value.length > 0 && {moved} > 0")
    assert page.run("document.activeElement.value") == value


def tab_to(page: Page, words: str) -> None:
    """Tab until what has the focus is named so."""
    seen = []
    for _ in range(60):
        page.press("Tab")
        seen.append(page.run(FOCUSED))
        if words in seen[-1]:
            return
    raise AssertionError(f"no Tab leads to {words}, but to {seen}")


def answers(page: Page) -> dict[str, Any]:
    """The answers that the page shows, by question."""
    return {one["linkId"]: [next(iter(answer.values())) for answer in one["answer"]] for one in leaves(shown(page))}


def author(page: Page) -> Any:
    return shown(page).get("author")


def shown(page: Page) -> dict[str, Any]:
    """The response that the page shows."""
    page.run("(d => { d.open = false; })(document.querySelector('.form > details:last-of-type'))")
    page.run("document.querySelector('.form > details:last-of-type > summary').click()")
    page.wait_for("document.querySelector('.form pre code').textContent !== ''")
    return dict(json.loads(page.run("document.querySelector('.form pre code').textContent")))


def leaves(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in holder.get("item", ()):
        if "answer" in one:
            yield one
        yield from leaves(one)


def told(page: Page) -> str:
    page.wait_for("!!document.querySelector('.told .verdict')")
    return str(page.run("document.querySelector('.told').innerText"))


def choose_person(page: Page) -> None:
    found_by_keyboard(page, ".about", "wanted-person", "Exemple", "Jeanne Exemple, 1944-05-02")


def choose_author(page: Page) -> None:
    found_by_keyboard(page, ".by", "wanted-author", "Mod", "Camille Modèle")


def found_by_keyboard(page: Page, place: str, field: str, wanted: str, found: str) -> None:
    """Search in one of the two places where a person is searched for, and choose the only one found."""
    page.run(f"document.querySelector('{place} summary').focus()")
    page.press("Enter")
    tab_to(page, field)
    page.write(wanted)
    page.press("Enter")
    page.wait_for(f"!!document.querySelector('{place} fieldset input')")
    assert found in page.run(f"document.querySelector('{place} fieldset').innerText")
    tab_to(page, "on")
    page.press(" ")
    assert page.run(f"document.querySelector('{place} fieldset input').checked")


def answer_by_keyboard(page: Page) -> None:
    tab_to(page, "alone")
    page.press(" ")
    page.wait_for("!!document.getElementById('label-help')")
    tab_to(page, "help")
    page.write("sa fille")
    tab_to(page, "since")
    page.write("02/03/2026")
    tab_to(page, "p1")
    choose(page, "sometimes", 1)
    tab_to(page, "p2")
    choose(page, "often", 2)
    tab_to(page, "sex")
    page.press("ArrowDown")
    page.press("ArrowDown")
    page.press("Enter")
    tab_to(page, "remark")
    page.write("rien")


@pytest.mark.parametrize(("language", "save", "saved"), [("fr", "Enregistrer", "Enregistré"), ("en", "Save", "Saved")])
def test_a_form_is_answered_and_saved_by_keyboard_alone_and_is_then_valid(
    page: Page, address: str, language: str, save: str, saved: str
) -> None:
    opened(page, address, language)
    choose_person(page)
    choose_author(page)
    answer_by_keyboard(page)
    page.wait_for("document.querySelector('input[id$=-score]').value === '3'")
    tab_to(page, save)
    page.press("Enter")
    assert saved in told(page)
    stored = httpx.get(page.run("document.querySelector('.told a').href")).json()
    given = {one["linkId"]: next(iter(one["answer"][0].values())) for one in leaves(stored)}
    assert (given["alone"], given["help"], given["since"], given["score"], given["remark"]) == (True, "sa fille", "2026-03-02", 3, "rien")
    assert given["p2"]["display"] == {"fr": "souvent", "en": "often"}[language]
    assert (stored["status"], stored["subject"]) == ("completed", {"reference": "Patient/jeanne"})
    assert stored["author"] == {"reference": "Practitioner/camille"}
    checked = httpx.post(f"{address}/fhir/QuestionnaireResponse/$validate?profile={PROFILE}", json=stored, headers=FHIR).json()
    assert not [issue for issue in checked["issue"] if issue["severity"] in ("error", "fatal")]


def test_answers_about_nobody_are_not_saved_and_the_person_is_asked_for(page: Page, address: str) -> None:
    opened(page, address, "fr")
    answer_by_keyboard(page)
    tab_to(page, "Enregistrer")
    page.press("Enter")
    assert "Dites d’abord de qui parle ce formulaire. Rien n’a été enregistré." in told(page)
    assert page.run("document.activeElement.id") == "wanted-person"


def test_who_fills_in_the_form_is_asked_for_where_the_server_does_not_know(page: Page, address: str) -> None:
    opened(page, address, "fr")
    choose_person(page)
    answer_by_keyboard(page)
    tab_to(page, "Enregistrer")
    page.press("Enter")
    assert "Dites d’abord qui remplit ce formulaire : le serveur ne le sait pas. Rien n’a été enregistré." in told(page)
    assert page.run("document.activeElement.id") == "wanted-author"
    page.run("document.querySelector('.by > label > input').click()")
    assert author(page) == {"reference": "Patient/jeanne"}


def test_what_is_worked_out_is_read_and_not_pressed(page: Page, address: str) -> None:
    opened(page, address, "fr")
    field = "document.getElementById('boolean-tired')"
    assert page.run(f"[{field}.role, {field}.ariaReadOnly, {field}.querySelectorAll('input').length, {field}.innerText]") == [
        "textbox", "true", 0, "",
    ]  # fmt: skip
    tab_to(page, "p2")
    choose(page, "often", 2)
    page.wait_for(f"{field}.innerText === 'Oui'")
    assert answers(page)["tired"] == [True]
    tab_to(page, "boolean-tired")


def test_a_question_appears_and_goes_with_the_answer_it_depends_on(page: Page, address: str) -> None:
    opened(page, address, "fr")
    assert page.run("document.getElementById('label-help')") is None
    tab_to(page, "alone")
    page.press(" ")
    page.wait_for("!!document.getElementById('label-help')")
    tab_to(page, "help")
    page.write("x")
    page.run("document.querySelector('[data-linkid=alone] input[value=false]').click()")
    page.wait_for("!document.getElementById('label-help')")
    assert "help" not in answers(page)


def test_a_date_that_does_not_exist_is_said_and_nothing_is_stored(page: Page, address: str) -> None:
    opened(page, address, "fr")
    before = httpx.get(f"{address}/fhir/QuestionnaireResponse?_summary=count").json()["total"]
    tab_to(page, "since")
    page.write("31/02/2026")
    page.wait_for("document.querySelector('.paper').innerText.includes('Cette date n’existe pas.')")
    tab_to(page, "Enregistrer")
    page.press("Enter")
    assert "Corrigez d’abord" in told(page)
    page.wait_for("document.activeElement.value === '31/02/2026'")
    assert httpx.get(f"{address}/fhir/QuestionnaireResponse?_summary=count").json()["total"] == before


def test_an_answer_that_is_missing_leads_to_its_question(page: Page, address: str) -> None:
    opened(page, address, "fr")
    tab_to(page, "Vérifier")
    page.press("Enter")
    assert "pas encore valides" in told(page)
    page.wait_for("document.querySelector('.paper').innerText.includes('Une réponse est attendue ici.')")


def test_the_person_concerned_is_found_by_keyboard_and_the_form_prefilled_from_her_record(page: Page, address: str) -> None:
    opened(page, address, "fr")
    choose_person(page)
    page.wait_for("document.querySelector('.prefill').innerText.includes('Préremplir')")
    tab_to(page, "Préremplir")
    page.press("Enter")
    assert "relisez chaque réponse" in told(page)
    page.wait_for("document.getElementById('date-born').value === '02/05/1944'")
    assert answers(page)["born"] == ["1944-05-02"]


def test_what_was_typed_before_prefilling_stays_and_what_was_prefilled_gives_way(page: Page, address: str) -> None:
    opened(page, address, "fr")
    answer_by_keyboard(page)
    choose_person(page)
    prefill(page)
    given = answers(page)
    assert (given["alone"], given["help"], given["since"], given["score"]) == ([True], ["sa fille"], ["2026-03-02"], [3])
    assert (given["sex"][0]["code"], given["remark"], given["born"]) == ("female", ["rien"], ["1944-05-02"])
    record = f"{address}/fhir/Patient/jeanne"
    person = httpx.get(record).json()
    httpx.put(record, json=person | {"birthDate": "1944-05-03"}, headers=FHIR).raise_for_status()
    prefill(page)
    httpx.put(record, json=person, headers=FHIR).raise_for_status()
    again = answers(page)
    assert again == given | {"born": ["1944-05-03"]}
    page.run("document.getElementById('date-born').focus()")
    page.run("document.getElementById('date-born').select()")
    page.write("01/01/1950")
    prefill(page)
    assert answers(page) == given | {"born": ["1950-01-01"]}


def prefill(page: Page) -> None:
    """Press the button, and wait until the form stands anew."""
    page.run("document.querySelector('.paper').dataset.old = 'yes'")
    page.wait_for("!!document.querySelector('.about > button')")
    page.run("document.querySelector('.about > button').click()")
    page.wait_for("!!document.querySelector('.paper:not([data-old])')")


@pytest.mark.parametrize(("width", "language"), [(1100, "fr"), (550, "en"), (360, "fr")], ids=["whole", "at 200 %", "telephone"])
def test_the_page_fits_and_the_browser_complains_of_nothing(page: Page, address: str, width: int, language: str, tmp_path: Path) -> None:
    page.messages.clear()
    opened(page, address, language)
    page.screenshot(tmp_path / "form.png", width=width, dark=True)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.messages == []


def test_every_field_has_a_name_and_headings_leave_no_level_out(page: Page, address: str) -> None:
    opened(page, address, "fr")
    unnamed = page.run(
        "[...document.querySelectorAll('.form input:not([type=hidden]), .form textarea:not([aria-hidden]), .form button')].filter(e =>"
        " !(e.labels?.length || e.getAttribute('aria-label') || e.textContent || e.closest('[aria-labelledby]'))).map(e => e.outerHTML)"
    )
    assert unnamed == []
    levels = page.run("[...document.querySelectorAll('main h1, .form :is(h1, h2, h3, h4)')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert levels.count(1) == 1


def test_without_scripts_the_questions_are_there_to_read(page: Page, address: str) -> None:
    page.languages("fr")
    page.scripting(False)
    page.visit(f"{address}/forms/browser-demonstration")
    page.scripting(True)
    text = page.run("document.getElementById('to-read').innerText")
    assert "Qui vient l’aider ?" in text
    assert "souvent" in text


def test_where_the_renderer_fails_the_questions_stay_and_that_is_said(page: Page, address: str) -> None:
    page.languages("fr")
    broken = form() | {"id": "broken", "url": "http://example.org/broken"}
    httpx.put(f"{address}/fhir/Questionnaire/broken", json=broken, headers=FHIR).raise_for_status()
    told = page.call("Page.addScriptToEvaluateOnNewDocument", source="window.structuredClone = undefined; Map.prototype.set = undefined")
    page.visit(f"{address}/forms/broken")
    page.call("Page.removeScriptToEvaluateOnNewDocument", identifier=told["identifier"])
    assert not page.run("document.getElementById('to-read').hidden")


SCREENING = "https://passerelle.care/fhir/Questionnaire/screening-has-2014"
OUTCOMES = {"fr": "La personne accepte", "en": "The person accepts"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_has_screening_is_answered_by_keyboard_alone_and_says_its_outcome(page: Page, address: str, language: str) -> None:
    page.visit(f"{address}/forms?url={SCREENING}&language={language}")
    page.wait_for(READY)
    for name in ("emergency-stay", "polypathology", "mobility", "cognition", "socio-economic", "access-to-care", "needed", "accepted"):
        tab_to(page, name)
        page.press(" ")
        page.wait_for("document.activeElement.checked")
    page.wait_for("document.querySelector('input[id$=-yes-count]').value === '6'")
    page.wait_for(f"document.querySelector('.paper').innerText.includes('{OUTCOMES[language]}')")
    tab_to(page, {"fr": "Vérifier", "en": "Check"}[language])
    page.press("Enter")
    assert {"fr": "Les réponses sont valides.", "en": "The answers are valid."}[language] in told(page)


CALL = "https://passerelle.care/fhir/Questionnaire/post-discharge-call"


@pytest.mark.parametrize(("time", "language"), [("09:30", "fr"), ("14:05", "en"), ("12:00", "fr"), ("00:10", "fr")])
def test_a_time_is_written_in_24_hours(page: Page, address: str, time: str, language: str) -> None:
    page.visit(f"{address}/forms?url={CALL}&language={language}")
    page.wait_for(READY)
    write_each(page, {"called-at": "01/12/2026"})
    page.run("document.getElementById('dateTime-called-at-time').focus()")
    page.write(time)
    assert answers(page)["called-at"][0].startswith(f"2026-12-01T{time}:00")
    assert "AM" not in page.run("document.querySelector('[data-linkid=called-at]').innerText")


INCLUSION = "https://passerelle.care/fhir/Questionnaire/inclusion-has-2014"
GROUPS = ("health", "self-management", "isolation", "socio-economic", "use-of-care")
TYPED = {
    "requester-name": "Camille Modèle",
    "requester-address": "1 rue du Test",
    "requester-phone": "0199000001",
    "physician": "Dr Exemple",
}


def tick_last(page: Page, link_id: str) -> None:
    """Space on the last box of a question, which is `other` and asks for words."""
    page.run(f"[...document.querySelectorAll('[data-linkid={link_id}] input[type=checkbox]')].at(-1).dataset.last = 'yes'")
    for _ in range(20):
        page.press("Tab")
        if page.run("document.activeElement.dataset.last === 'yes'"):
            page.press(" ")
            return page.wait_for("document.activeElement.checked")
    raise AssertionError(f"no Tab leads to the last box of {link_id}")


def write_each(page: Page, texts: dict[str, str]) -> None:
    for link_id, text in texts.items():
        tab_to(page, f"{link_id} |")
        page.write(text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_has_inclusion_form_is_answered_by_keyboard_alone_and_is_valid(page: Page, address: str, language: str) -> None:
    page.visit(f"{address}/forms?url={INCLUSION}&language={language}")
    page.wait_for(READY)
    tab_to(page, "requester-kind")
    for _ in range(3):
        page.press("ArrowDown")
    page.press("Enter")
    page.wait_for("!!document.querySelector('[data-linkid=physician]')")
    write_each(page, {"requester-name": TYPED["requester-name"], "request-date": "01/12/2026"})
    write_each(page, {name: TYPED[name] for name in list(TYPED)[1:]})
    write_each(page, {"family-name": "Exemple", "given-name": "Jeanne", "birth-date": "02/05/1944", "phone": "0199000002"})
    for name in GROUPS:
        tick_last(page, f"{name}-reasons")
        page.wait_for(f"!!document.querySelector('[data-linkid={name}-other-text]')")
        write_each(page, {f"{name}-other-text": "à préciser"})
    write_each(page, {"needs": "rester chez elle"})
    given = answers(page)
    assert given["requester-kind"][0]["code"] == "social-worker"
    assert {name: given[name] for name in TYPED} == {name: [text] for name, text in TYPED.items()}
    assert [given[f"{name}-reasons"][0]["code"] for name in GROUPS] == [f"{name}-other" for name in GROUPS]
    assert (given["request-date"], given["birth-date"], given["needs"]) == (["2026-12-01"], ["1944-05-02"], ["rester chez elle"])
    tab_to(page, {"fr": "Vérifier", "en": "Check"}[language])
    page.press("Enter")
    assert {"fr": "Les réponses sont valides.", "en": "The answers are valid."}[language] in told(page)

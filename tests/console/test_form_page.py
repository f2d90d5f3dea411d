"""The pages /forms without a browser: what is listed and to whom, in which language, and that nothing of a form is markup or code."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from fhir_server.console.form_answers import MOST, Answers
from fhir_server.console.form_author import author_given
from fhir_server.console.form_language import language_of, localised
from fhir_server.console.form_to_read import questions, texts_of
from fhir_server.definitions.definitions import Definitions
from fhir_server.security.caller import NOBODY, OPEN, Caller
from fhir_server.terminology import Terminology
from fhir_server.terminology.code_system import Concept
from tests.access.people import professional
from tests.browser.demonstration_form import URL, form, told
from tests.security.whole_application import ask, whole_application

FHIR = {"content-type": "application/fhir+json"}


class Site:
    """The whole application, asked for pages."""

    def __init__(self, run: Any, app: Any):
        self._run, self._app = run, app

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, answered, body = ask(self._run, self._app, "GET", path, headers=named)
        return status, answered, body.decode()

    def put(self, resource: dict[str, Any]) -> None:
        place = f"/fhir/{resource['resourceType']}/{resource['id']}"
        status, _, body = ask(self._run, self._app, "PUT", place, json.dumps(resource).encode(), FHIR)
        assert status in (200, 201), body


@pytest.fixture(scope="module")
def site(definitions: Definitions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with asyncio.Runner() as runner, whole_application(runner.run, definitions, tmp_path_factory.mktemp("data")) as app:
        site = Site(runner.run, app)
        site.put(form())
        yield site


def given(html: str) -> dict[str, Any]:
    """What the page hands to its script."""
    found = re.search(r'<script type="application/json" id="given">(.*?)</script>', html, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_the_list_leads_to_each_form_by_its_canonical(site: Site) -> None:
    _, _, html = site.get("/forms", accept_language="en")
    link = re.search(r'<li lang="en"><a href="(/forms\?url=[^"]+)">Trying the page</a>', html)
    assert link
    status, _, shown = site.get(unescape(link[1]))
    assert (status, given(shown)["canonical"]) == (200, f"{URL}|1")


def test_a_form_is_found_by_its_id_too(site: Site) -> None:
    assert given(site.get("/forms/browser-demonstration")[2])["canonical"] == f"{URL}|1"


@pytest.mark.parametrize("path", ["/forms/nothing", "/forms?url=http://example.org/no", f"/forms?url={URL}|2", "/forms/a%2Fb"])
def test_what_is_no_form_is_not_found(site: Site, path: str) -> None:
    assert site.get(path)[0] == 404


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/forms/browser-demonstration", "", "fr"),
        ("/forms/browser-demonstration", "en", "en"),
        ("/forms/browser-demonstration?language=fr", "en", "fr"),
        ("/forms/browser-demonstration?language=en", "fr", "en"),
        ("/forms/browser-demonstration?language=%22%3E", "fr", "fr"),
    ],
)
def test_the_reader_chooses_the_language_and_french_is_the_first(site: Site, path: str, accepted: str, language: str) -> None:
    _, headers, html = site.get(path, **({"accept_language": accepted} if accepted else {}))
    assert headers["content-language"] == language
    assert given(html)["questionnaire"]["title"] == {"fr": "Essai de la page", "en": "Trying the page"}[language]
    assert ("Qui vient l’aider ?" in html.partition("to-read")[2]) is (language == "fr")


def test_a_response_repeats_the_questions_in_the_forms_own_language(site: Site) -> None:
    assert given(site.get("/forms/browser-demonstration?language=en")[2])["questions"]["alone"] == "La personne vit seule"


def test_only_what_carries_the_nonce_runs_or_styles_and_each_answer_has_its_own(site: Site) -> None:
    nonces = set()
    for _ in range(2):
        _, headers, html = site.get("/forms/browser-demonstration")
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        found = re.fullmatch(r"'nonce-([\w-]{20,})'", policy["script-src"])
        assert found
        assert policy["style-src"] == f"'self' 'nonce-{found[1]}'"
        assert (policy["default-src"], policy["connect-src"], policy["form-action"]) == ("'none'", "'self'", "'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert html.count(f'nonce="{found[1]}"') == 1
        nonces.add(found[1])
    assert len(nonces) == 2


def test_no_other_page_takes_a_nonce(site: Site) -> None:
    assert "nonce" not in site.get("/forms")[1]["content-security-policy"]


HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>"


def test_nothing_of_a_form_is_markup_or_code(site: Site) -> None:
    item = {"linkId": HOSTILE[:50], "type": "string", "text": HOSTILE}
    told = {"title": HOSTILE, "description": HOSTILE}
    site.put({"resourceType": "Questionnaire", "id": "hostile", "status": "draft", **told, "item": [item]})
    for path in ("/forms/hostile", "/forms"):
        html = site.get(path)[2]
        assert "<img src=x" not in html
        assert "<script>" not in html
    assert given(site.get("/forms/hostile")[2])["questionnaire"]["title"] == HOSTILE


def test_a_stored_form_is_shown_only_to_who_may_read_it(definitions: Definitions, tmp_path: Path) -> None:
    with asyncio.Runner() as runner, whole_application(runner.run, definitions, tmp_path) as app:
        Site(runner.run, app).put(form())
    with (
        asyncio.Runner() as runner,
        whole_application(runner.run, definitions, tmp_path, authentication="required") as closed,
    ):
        unknown = Site(runner.run, closed)
        assert unknown.get("/forms/browser-demonstration")[0] == 404
        assert "Essai de la page" not in unknown.get("/forms")[2]


def test_the_bundle_is_served_packed_and_may_be_kept(site: Site) -> None:
    script = re.search(r'src="(/static/form\.js\?v=\w+)"', site.get("/forms/browser-demonstration")[2])
    assert script
    _, plain, body = site.get(script[1])
    assert "immutable" in plain["cache-control"]
    for coding in ("br", "gzip"):
        headers = ask_packed(site, script[1], coding)
        assert (headers["content-encoding"], headers["vary"]) == (coding, "Accept-Encoding")
        assert int(headers["content-length"]) < len(body) / 3


def ask_packed(site: Site, path: str, coding: str) -> dict[str, str]:
    _, headers, _ = ask(site._run, site._app, "GET", path, headers={"accept-encoding": coding})
    return headers


def test_translations_take_the_place_of_texts_at_every_depth() -> None:
    nested = {"item": [{**told("text", "Un", "One"), "answerOption": [{"valueCoding": {"code": "x", **told("display", "Oui", "Yes")}}]}]}
    english = localised(nested, "en")["item"][0]
    assert (english["text"], english["answerOption"][0]["valueCoding"]["display"]) == ("One", "Yes")
    assert localised(nested, "fr")["item"][0]["text"] == "Un"


@pytest.mark.parametrize("broken", [{"_text": 1}, {"_text": {"extension": [None, {"url": "x"}]}}, {"text": None, "_text": None}, {}])
def test_what_is_no_translation_changes_nothing(broken: dict[str, Any]) -> None:
    assert localised({"text": "a"} | broken, "en") == {"text": "a"} | broken


def test_the_page_says_which_language_the_form_is_in() -> None:
    assert language_of(form(), "en") == "en"
    assert language_of({"language": "fr-FR", "title": "x"}, "fr") == "fr"
    assert language_of({"language": "de", "title": "x"}, "fr") == "de"


def test_value_sets_are_listed_in_the_form_and_long_ones_left_to_search(definitions: Definitions) -> None:
    answers = Answers(definitions, Terminology(definitions))
    item = [
        {"linkId": "a", "type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"},
        {"linkId": "b", "type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/resource-types|4.0.1"},
        {"linkId": "c", "type": "choice", "answerValueSet": "http://example.org/unknown"},
        {"linkId": "d", "type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/all-types"},
    ]
    carried = answers.carried_by({"resourceType": "Questionnaire", "item": item}, "fr")
    counts = {one["id"]: len(one["expansion"]["contains"]) for one in carried["contained"]}
    assert max(counts.values()) <= MOST
    assert len(counts) == 2
    assert [one["answerValueSet"][:9] for one in carried["item"]] == ["#answers-", "#answers-", "http://ex", "http://hl"]


def test_an_option_is_called_as_its_code_system_calls_it(definitions: Definitions) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    item = {"linkId": "a", "type": "choice", "answerOption": [{"valueCoding": {"system": system, "code": "IMP", "display": "x"}}]}
    options = Answers(definitions, cast(Terminology, Named())).carried_by({"item": [item]}, "fr")["item"][0]["answerOption"]
    assert options[0]["valueCoding"]["display"] == "hospitalisation"
    assert item["answerOption"][0]["valueCoding"]["display"] == "x"


class Named:
    """A terminology with one code that has a French designation."""

    def concept(self, system: str, code: str) -> Concept:
        return Concept({"code": code, "display": "inpatient", "designation": [{"language": "fr-FR", "value": "hospitalisation"}]}, None)


def test_other_terminology_servers_are_not_asked(definitions: Definitions) -> None:
    elsewhere = {
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-preferredTerminologyServer",
        "valueUrl": "http://x",
    }
    naming = {"extension": [elsewhere], "item": [{"extension": [elsewhere]}]}
    assert Answers(definitions, Terminology(definitions)).carried_by(naming, "fr") == {"item": [{}]}


@pytest.mark.parametrize(
    ("caller", "told"),
    [
        (
            professional("Practitioner/gp", name="Dr Modèle"),
            {"author": {"reference": "Practitioner/gp", "display": "Dr Modèle"}, "asksAuthor": False},
        ),
        (professional("Organization/dac"), {"asksAuthor": True}),
        (OPEN, {"asksAuthor": True}),
        (NOBODY, {"asksAuthor": False}),
    ],
    ids=["a professional", "an organisation", "anyone", "nobody, who may not save"],
)  # fmt: skip
def test_who_fills_in_the_form_is_known_by_authentication_or_asked_for(caller: Caller, told: dict[str, Any]) -> None:
    assert author_given(caller) == told


def test_hidden_questions_are_not_there_to_read_and_dependent_ones_say_so() -> None:
    hidden = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}
    expression = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"}
    items = [
        {"linkId": "1", "type": "string", "extension": [hidden]},
        {"linkId": "2", "type": "string", "extension": [expression]},
        {"linkId": "3", "type": "choice", "prefix": "3.", "text": "x", "answerOption": [{"valueInteger": 1}, {"valueString": "c"}]},
    ]
    second, third = questions({"item": items})
    assert (second.text, second.depends) == ("2", True)
    assert (third.text, third.options, third.depends) == ("3. x", ("1", "c"), False)
    assert texts_of({"item": items}) == {"3": "x"}

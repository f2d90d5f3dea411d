"""A form with what it needs (https://hl7.org/fhir/us/davinci-dtr/STU2/OperationDefinition-questionnaire-package.html)."""

from __future__ import annotations

from typing import Any

from fhir_server.questionnaires.package import package_of
from tests.questionnaires.forms import CORE, SDC, form, question

Item = dict[str, Any]
PLACE = "https://example.org/"


def known(type_name: str, name: str, **more: Any) -> Item:
    return {"resourceType": type_name, "url": PLACE + name, **more}


def canonical(url: str, name: str) -> Item:
    return {"url": url, "valueCanonical": PLACE + name}


def packaged(asked: Item, *resources: Item) -> tuple[list[str], list[str]]:
    """What is in the package, and what was told."""
    by_url = {one["url"]: one for one in resources}
    bundle, issues = package_of(asked, lambda url: by_url.get(url.partition("|")[0]))
    return [one["fullUrl"].removeprefix(PLACE) for one in bundle["entry"]], [issue.diagnostics for issue in issues]


def test_all_that_is_named_is_there_once_and_the_form_first() -> None:
    asked = form(
        question("a", "choice", answerValueSet=PLACE + "vs|1"),
        question("g", "group", question("b", "choice", answerValueSet=PLACE + "vs")),
        question("m", "display", extension=[canonical(SDC + "subQuestionnaire", "module")]),
        question("u", "quantity", extension=[canonical(CORE + "questionnaire-unitValueSet", "units")]),
        question("c", "choice", answerValueSet="#own"),
        contained=[{"resourceType": "ValueSet", "id": "own", "compose": {"include": [{"system": PLACE + "cs2"}]}}],
        extension=[canonical(CORE + "cqf-library", "library")],
    )
    found, told = packaged(
        asked,
        known("ValueSet", "vs", compose={"include": [{"system": PLACE + "cs"}, {"valueSet": [PLACE + "other"]}]}),
        known("ValueSet", "other", compose={"include": [{"valueSet": [PLACE + "vs"]}]}),
        known("CodeSystem", "cs"), known("CodeSystem", "cs2"), known("ValueSet", "units"),
        known("Questionnaire", "module", item=[question("x", "choice", answerValueSet=PLACE + "deep")]), known("ValueSet", "deep"),
        known("Library", "library", relatedArtifact=[{"type": "depends-on", "resource": PLACE + "Library/base"}]),
        known("Library", "Library/base"),
    )  # fmt: skip
    assert found[0] == "q"
    assert sorted(found[1:]) == ["Library/base", "cs", "cs2", "deep", "library", "module", "other", "units", "vs"]
    assert told == []


def test_what_is_not_here_is_told() -> None:
    asked = form(question("a", "choice", answerValueSet=PLACE + "vs"))
    includes = [{"system": "http://snomed.info/sct"}, {"valueSet": [PLACE + "none"]}]
    found, told = packaged(asked, known("ValueSet", "vs", compose={"include": includes}))
    assert found == ["q", "vs"]
    assert [one.partition(" that ")[0] for one in told] == [
        "The CodeSystem http://snomed.info/sct", "The ValueSet https://example.org/none",
    ]  # fmt: skip


def test_something_else_under_the_url_is_not_taken() -> None:
    assert packaged(form(question("a", "choice", answerValueSet=PLACE + "x")), known("CodeSystem", "x"))[0] == ["q"]

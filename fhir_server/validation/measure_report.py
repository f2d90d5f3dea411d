"""A MeasureReport against its Measure: groups, populations, stratifiers and scores
(https://hl7.org/fhir/R4/measurereport.html, https://hl7.org/fhir/R4/measure.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, finding, warning

SOURCE = "https://hl7.org/fhir/R4/measurereport.html"
SCORED = ("proportion", "ratio", "continuous-variable")

Element = dict[str, Any]


def check_measure_report(around: Surroundings) -> Iterator[Issue]:
    """The issues of a report; a measure that is not at hand is a warning."""
    canonical = around.resource.get("measure")
    if not isinstance(canonical, str):
        return
    measure, at = around.canonical(canonical, "Measure"), (around.at, "measure", None)
    if measure is None:
        sentence = phrase("The measure {canonical} is not at hand, so the report was not checked against it.", canonical=canonical)
        yield warning("not-found", at, sentence, "measure-unknown", SOURCE)
        return
    if _scoring(measure) is None:
        sentence = phrase("The measure does not say how it is scored, so the scores cannot be checked.")
        yield finding("information", "business-rule", at, sentence, "measure-scoring-unknown", SOURCE)
    yield from _matched("group", measure, around.resource, around.at)
    for (index, group), defined in _pairs("group", measure, around.resource):
        yield from _group(group, defined, (around.at, "group", index), around.resource, _scoring(measure))


def _scoring(measure: Element) -> str | None:
    codings = objects((measure.get("scoring") or {}).get("coding"))
    return next((str(one["code"]) for one in codings if "code" in one), None)


def _group(group: Element, defined: Element, at: Location, report: Element, scoring: str | None) -> Iterator[Issue]:
    for name in ("population", "stratifier"):
        yield from _matched(name, defined, group, at)
    for index, population in indexed(group.get("population")):
        yield from _population(population, (at, "population", index), str(report.get("type")))
    yield from _score(group, at, scoring, str(report.get("type")))


def _pairs(name: str, measure: Element, report: Element) -> Iterator[tuple[tuple[int, Element], Element]]:
    """The report's elements with those of the measure that they are about."""
    given, defined = indexed(report.get(name)), objects(measure.get(name))
    for index, one in given:
        if len(given) == len(defined) == 1:
            yield (index, one), defined[0]
        elif found := [other for other in defined if _same(one, other)]:
            yield (index, one), found[0]


def _matched(name: str, measure: Element, report: Element, at: Location) -> Iterator[Issue]:
    """Every element of the report has its one in the measure, once, and the other way round."""
    given, defined = indexed(report.get(name)), objects(measure.get(name))
    if len(given) == len(defined) == 1 and not ("code" in given[0][1] and "code" in defined[0]):
        return
    seen: list[Element] = []
    for index, one in given:
        found = next((other for other in defined if _same(one, other)), None)
        place = (at, name, index)
        if found is None:
            yield error(
                "business-rule",
                place,
                phrase("{named} is not in the measure; use one of its codes.", named=_named(one, name)),
                f"measure-{name}",
                SOURCE,
            )
        elif any(found is other for other in seen):
            yield error(
                "business-rule",
                place,
                phrase("{named} stands twice in the report.", named=_named(one, name)),
                f"measure-{name}-twice",
                SOURCE,
            )
        else:
            seen.append(found)
    for other in defined:
        if not any(other is one for one in seen):
            yield error(
                "business-rule",
                at,
                phrase("{named} of the measure is missing in the report.", named=_named(other, name)),
                f"measure-{name}-missing",
                SOURCE,
            )


def _same(given: Element, defined: Element) -> bool:
    """Told apart by code, else by id."""
    codes, wanted = _codes(given), _codes(defined)
    if codes or wanted:
        return bool(codes & wanted)
    return "id" in given and given["id"] == defined.get("id")


def _codes(element: Element) -> set[tuple[Any, Any]]:
    concept = element.get("code")
    concepts = [concept] if isinstance(concept, dict) else objects(concept)
    found: set[tuple[Any, Any]] = {(coding.get("system"), coding.get("code")) for one in concepts for coding in objects(one.get("coding"))}
    return found or {("text", one["text"]) for one in concepts if isinstance(one.get("text"), str)}


def _named(element: Element, name: str) -> str:
    codes = sorted(str(code) for _, code in _codes(element))
    said = ", ".join(codes) or element.get("id") or phrase("without a code")
    return phrase("The {name} {said}", name=name, said=said)


def _population(population: Element, at: Location, kind: str) -> Iterator[Issue]:
    has_subjects = "subjectResults" in population
    if kind == "subject-list" and not has_subjects:
        sentence = phrase("A report of type subject-list lists the subjects of each population (subjectResults).")
        yield error("business-rule", at, sentence, "measure-subjects-missing", SOURCE)
    elif kind != "subject-list" and has_subjects:
        sentence = phrase("Only a report of type subject-list lists subjects; take subjectResults out, or change the type.")
        yield error("business-rule", at, sentence, "measure-subjects", SOURCE)
    if kind != "subject-list" and "count" not in population:
        yield warning("business-rule", at, phrase("Give the population's count."), "measure-count", SOURCE)


def _score(group: Element, at: Location, scoring: str | None, kind: str) -> Iterator[Issue]:
    score, place = group.get("measureScore"), (at, "measureScore", None)
    if scoring == "cohort" or kind == "data-collection":
        if score is not None:
            reason = phrase("A cohort has") if scoring == "cohort" else phrase("A report of type data-collection has")
            yield error("business-rule", place, phrase("{reason} no measureScore; take it out.", reason=reason), "measure-score", SOURCE)
    elif scoring in SCORED and not isinstance(score, dict):
        yield error(
            "business-rule",
            at,
            phrase("A measure scored as {scoring} needs a measureScore.", scoring=scoring),
            "measure-score-missing",
            SOURCE,
        )
    elif scoring in SCORED and isinstance(score, dict):
        yield from _score_value(score, place, str(scoring))


def _score_value(score: Element, at: Location, scoring: str) -> Iterator[Issue]:
    value = score.get("value")
    if not isinstance(value, (int, Decimal)):
        yield error(
            "business-rule",
            at,
            phrase("The score of a measure scored as {scoring} needs a value.", scoring=scoring),
            "measure-score-value",
            SOURCE,
        )
    elif scoring == "proportion":
        most = 100 if score.get("code") == "%" or score.get("unit") == "%" else 1
        if not 0 <= value <= most:
            yield error(
                "business-rule",
                at,
                phrase("A proportion is between 0 and {most}; found {value}.", most=most, value=value),
                "measure-score-proportion",
                SOURCE,
            )

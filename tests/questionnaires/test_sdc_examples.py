"""Forms that others wrote: SDC's own examples and those of an open renderer."""

from __future__ import annotations

import json
import tarfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import FhirPathError
from fhir_server.model.schema import Schema
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.blank_response import blank_response
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.offered_codes import OfferedCodes
from fhir_server.questionnaires.population import Population
from fhir_server.questionnaires.score import score_of
from fhir_server.terminology import Terminology
from tests.questionnaires.forms import NOW

pytestmark = pytest.mark.conformance

Resource = dict[str, Any]


def read(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


@pytest.fixture(scope="module")
def package(test_data: Path) -> dict[str, Resource]:
    """The examples of SDC by file name."""
    with tarfile.open(test_data / "fhir-packages" / "hl7.fhir.uv.sdc-4.0.0.tgz") as packed:
        names = [one for one in packed.getnames() if one.startswith("package/example/") and one.endswith(".json")]
        return {Path(one).stem: read(packed.extractfile(one).read()) for one in names}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def populate(test_data: Path) -> Any:
    folder = test_data / "sdc" / "smart-forms-extracted" / "sdc-populate" / "data"
    return lambda name: read((folder / f"{name}.json").read_text("utf-8"))


class Searched:
    """A source that has one searchset for each code."""

    def __init__(self, by_code: dict[str, Resource]):
        self._by_code = by_code

    def read(self, type_name: str, id_: str) -> Resource | None:
        return None

    def search(self, type_name: str, query: str) -> Resource:
        found = (bundle for code, bundle in self._by_code.items() if f"code={code}" in query)
        return next(found, {"resourceType": "Bundle", "type": "searchset"})


def test_a_total_that_is_not_the_sum_of_its_weights_is_told(package: dict[str, Resource], schema: Schema) -> None:
    """SDC's own example says 13; the weights of its value set (0, 1, 2 and 4) come to 11, and its expression looks beside the answers."""
    form = package["Questionnaire-questionnaire-sdc-profile-example-PHQ9"]
    response = package["QuestionnaireResponse-questionnaireresponse-sdc-profile-example-PHQ9"]
    score = score_of(Environment(paired(form, response), schema), no_options)
    (total,) = score.calculated
    assert [one.weight for one in score.answers] == [0, 0, 0, 1, 2, 1, 4, 2, 1]
    assert (score.total, total.calculated) == (11, [])
    assert (total.answered[0]["valueQuantity"]["value"], total.agrees) == (13, False)
    assert len(total.operands) == 9


def test_the_form_of_the_body_mass_index_is_filled_in_as_expected(populate: Any, definitions: Definitions) -> None:
    form, expected = populate("QCalculatedExpressionBMICalculatorPrepop"), populate("QRCalculatedExpressionBMICalculatorPrepop")
    source = Searched({"8302-2": populate("bundleObsBodyHeight"), "29463-7": populate("bundleObsBodyWeight")})
    root = paired(form, blank_response(form))
    environment = Environment(root, definitions.schema, given={"patient": populate("patRepop")}, source=source, now=NOW)
    population = Population(environment, OfferedCodes(form, Terminology(definitions)).with_code, NOW)
    response = population.populate()
    assert {name: response[name] for name in ("status", "questionnaire", "item")} == {
        name: expected[name] for name in ("status", "questionnaire", "item")
    }
    assert population.issues == []


def test_a_large_form_is_filled_in_with_what_its_contexts_say(populate: Any, definitions: Definitions) -> None:
    """Of the answers that come from the person's resource alone, each is as expected; the rest asks a server that is not here."""
    form, expected = populate("QAboriginalTorresStraitIslanderHealthCheck"), populate("QRAboriginalTorresStraitIslanderHealthCheck")
    given = {"patient": populate("patRepop"), "user": populate("pracPrimaryPeter"), "encounter": populate("encHealthCheck")}
    root = paired(form, blank_response(form))
    environment = Environment(root, definitions.schema, given=given, source=Searched({}), now=NOW)
    found = paired(form, Population(environment, OfferedCodes(form, Terminology(definitions)).with_code, NOW).populate())
    about_the_person = "5b224753-9365-44e3-823b-9c17e7394005"
    wanted = paired(form, expected).find(about_the_person)[0]
    got = found.find(about_the_person)[0]
    assert [(one.link_id, one.answers) for one in got.walk()] == [(one.link_id, one.answers) for one in wanted.walk()]


def test_every_expression_of_the_examples_can_be_read(package: dict[str, Resource], schema: Schema) -> None:
    """None fails in any other way than for want of a context, or of a language that is not FHIRPath."""
    failed = []
    for name, form in package.items():
        if form["resourceType"] == "Questionnaire":
            root = paired(form, blank_response(form))
            environment = Environment(root, schema, given={}, source=Searched({}))
            failed += [(name, said) for said in _failures(environment)]
    assert [one for one in failed if "There is no %" not in one[1] and "text/cql" not in one[1]] == []


def _failures(environment: Environment) -> list[str]:
    said = []
    for pair in environment.root.walk():
        for one in pair.question.get("extension", ()):
            if "valueExpression" in one:
                try:
                    environment.evaluate(one["valueExpression"], pair)
                except FhirPathError as error:
                    said.append(str(error))
    return said

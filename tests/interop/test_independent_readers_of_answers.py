"""Every kind of answer of a running server, read by fhir.resources (R4B models), which nobody here wrote.

R4B takes away some types of R4 and changes two (https://hl7.org/fhir/R4B/diff.html): `NOT_IN_R4B` and `CHANGED_IN_R4B` list them; the
models cannot judge those.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_server.definitions.definitions import Definitions
from fhir_server.demo import demonstration
from tests.interop.peer_client import server
from tests.patience import PATIENCE

PERSON = "Patient/demo-jeanne-martin"
WRONG = {"resourceType": "Patient", "gender": "femme", "birthDate": "1950-99", "nom": "X"}
PLAN = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": PERSON}}
ENTRIES = [{"request": {"method": "GET", "url": url}} for url in (PERSON, "Patient/nobody", "Task?_count=2", f"{PERSON}/_history")]
BATCH = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [*ENTRIES, {"resource": PLAN, "request": {"method": "POST", "url": "CarePlan"}}],
}

READS = [
    "metadata",
    "metadata?_summary=true",
    PERSON,
    f"{PERSON}?_summary=true",
    f"{PERSON}/_history",
    f"{PERSON}/_history/1",
    "_history?_count=200",
    "CarePlan/_history",
    "Patient?_count=1&_total=accurate",
    "Patient?_summary=count",
    "CarePlan?_include=*&_revinclude=Task:based-on",
    "Task?_sort=-_lastUpdated&_elements=status",
    "Patient?colour=red",
    f"{PERSON}/$everything",
    f"{PERSON}/$meta",
    "$meta",
    f"{PERSON}/$validate",
    "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender",
    "CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=female",
    "ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender&code=x",
    "CodeSystem/$subsumes?system=http://hl7.org/fhir/administrative-gender&codeA=female&codeB=male",
]
REFUSALS = {
    "Patient/nobody": 404,
    "Patient/gone": 410,
    "Pacient": 404,
    "Patient?birthdate=yesterday": 400,
    f"{PERSON}/$nothing": 404,
    f"{PERSON}?_format=rdf": 406,
    "Patient?_page=forged": 400,
}
WRITES: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "CarePlan", PLAN, 201),
    ("POST", "Patient", WRONG, 400),
    ("POST", "Patient/$validate", WRONG, 200),
    ("PUT", "Patient/a", {"resourceType": "Patient", "id": "b"}, 400),
    ("POST", "", BATCH, 200),
    (
        "POST",
        "",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": WRONG, "request": {"method": "POST", "url": "Patient"}}]},
        400,
    ),
    ("PATCH", PERSON, {"resourceType": "Parameters", "parameter": [{"name": "operation"}]}, 422),
]

NOT_IN_R4B = {
    "EffectEvidenceSynthesis",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "RiskEvidenceSynthesis",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
}
CHANGED_IN_R4B = {"Evidence", "EvidenceVariable"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with server(tmp_path_factory.mktemp("answers")) as base, httpx.Client(base_url=base + "/", timeout=PATIENCE) as client:
        client.headers["Accept"] = "application/fhir+json"
        assert client.post("", json=json.loads(json.dumps(demonstration(), default=str))).status_code == 200
        assert client.put("Patient/gone", json={"resourceType": "Patient", "id": "gone"}).status_code == 201
        assert client.delete("Patient/gone").is_success
        yield client


def understood(answer: httpx.Response, status: int) -> Any:
    """The answer as a model; pydantic.ValidationError where it is not what the models know."""
    assert answer.status_code == status, answer.text
    model = get_fhir_model_class(answer.json()["resourceType"])
    return model.model_validate_json(answer.content)


@pytest.mark.parametrize("path", READS)
def test_an_answer_is_read(client: httpx.Client, path: str) -> None:
    understood(client.get(path), 200)


@pytest.mark.parametrize("path", REFUSALS)
def test_a_refusal_is_an_outcome_that_is_read(client: httpx.Client, path: str) -> None:
    outcome = understood(client.get(path), REFUSALS[path])
    assert outcome.get_resource_type() == "OperationOutcome"
    assert all(issue.severity and issue.code and issue.diagnostics for issue in outcome.issue)


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITES)
def test_the_answer_to_a_write_is_read(client: httpx.Client, method: str, path: str, body: dict[str, Any], status: int) -> None:
    understood(client.request(method, path, json=body, headers={"Content-Type": "application/fhir+json"}), status)


def test_what_r4b_lacks_or_changed_is_listed(definitions: Definitions) -> None:
    lacking = {name: lacking_elements(name, definitions) for name in definitions.schema.resource_types}
    assert {name for name, elements in lacking.items() if elements is None} == NOT_IN_R4B
    assert {name for name, elements in lacking.items() if elements} == CHANGED_IN_R4B


def lacking_elements(name: str, definitions: Definitions) -> set[str] | None:
    """The elements of a type in R4 that its model does not have; None where there is no model."""
    try:
        known = set(get_fhir_model_class(name).elements_sequence())
    except ValueError:
        return None
    return set(definitions.schema[name].elements) - known - {"id"}

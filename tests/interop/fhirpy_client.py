"""fhirpy as an integrator's script: python fhirpy_client.py BASE; the verdict is one JSON object on the output."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

E = TypeVar("E", bound=Exception)
INS = "urn:oid:1.2.250.1.213.1.4.10"
client = SyncFHIRClient(sys.argv[1])
patient = client.resource("Patient", identifier=[{"system": INS, "value": "1"}], name=[{"family": "Payet", "given": ["Zoé"]}])


def refusal(call: Callable[[], object], kind: type[E]) -> E:
    """The exception that the call must raise."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("was not refused")


def metadata() -> None:
    assert client.execute("metadata", method="get")["fhirVersion"] == "4.0.1"


def create() -> None:
    patient.save()
    assert patient["meta"]["versionId"] == "1"


def conditional_create() -> None:
    """By the header of R4; its own `get_or_create` puts the condition into the URL of a POST, which R4 does not have."""
    conditional = SyncFHIRClient(sys.argv[1], extra_headers={"If-None-Exist": f"identifier={INS}|1"})
    assert conditional.resource("Patient", gender="male").save().id == patient.id


def search() -> None:
    found = client.resources("Patient").search(identifier=f"{INS}|1", family__exact="Payet")
    assert (found.count(), found.get().id) == (1, patient.id)


def include() -> None:
    client.resource("Encounter", status="planned", **{"class": {"code": "AMB"}}, subject=patient.to_reference()).save()
    found = client.resources("Encounter").include("Encounter", "subject").fetch_raw()
    assert {entry.resource.resource_type for entry in found.entry} == {"Encounter", "Patient"}
    assert len(client.resources("Patient").has("Encounter", "patient", status="planned").fetch_all()) == 1


def page() -> None:
    for number in range(2, 8):
        client.resource("Patient", identifier=[{"system": INS, "value": str(number)}], name=[{"family": "Hoarau"}]).save()
    found = client.resources("Patient").search(family="hoarau").sort("identifier").limit(2)
    assert [one["identifier"][0]["value"] for one in found] == list("234567")
    assert len(found.fetch()) == 2


def elements() -> None:
    one = client.resources("Patient").search(_id=patient.id).elements("identifier").get()
    assert "identifier" in one
    assert "name" not in one


def update() -> None:
    patient["birthDate"] = "1955-06"
    patient.save()
    assert patient["meta"]["versionId"] == "2"


def conditional_update() -> None:
    changed = client.resource("Patient", identifier=[{"system": INS, "value": "1"}], name=[{"family": "Grondin"}])
    updated, created = client.resources("Patient").search(identifier=f"{INS}|1").update(changed)
    assert (updated.id, created) == (patient.id, False)


def refresh() -> None:
    patient.refresh()
    assert patient["name"][0]["family"] == "Grondin"
    patient.refresh()


def patch() -> None:
    """Its `patch` sends a merge patch, which R4 does not have: it must be refused with a reason, and change nothing."""
    assert refusal(lambda: client.patch("Patient", patient.id, gender="female"), OperationOutcome).resource["issue"]
    assert "gender" not in client.get("Patient", patient.id)


def history() -> None:
    versions = patient.execute("_history", method="get")
    assert [entry["resource"]["meta"]["versionId"] for entry in versions["entry"]] == ["3", "2", "1"]


def transaction() -> None:
    reference = "urn:uuid:0b4a9a0e-3f0b-4f6e-9d52-000000000001"
    made = {"resourceType": "Patient", "name": [{"family": "Sautron"}]}
    plan = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": reference}}
    entries = [
        {"fullUrl": reference, "resource": made, "request": {"method": "POST", "url": "Patient"}},
        {"resource": plan, "request": {"method": "POST", "url": "CarePlan"}},
    ]
    client.resource("Bundle", type="transaction", entry=entries).save()
    assert client.resources("CarePlan").search(subject__Patient__family="Sautron").count() == 1


def everything() -> None:
    record = patient.execute("$everything", method="get")
    assert {entry["resource"]["resourceType"] for entry in record["entry"]} == {"Patient", "Encounter"}


def validate() -> None:
    assert patient.is_valid()
    assert not client.resource("Patient", gender="femme").is_valid()


def references() -> None:
    encounter = client.resources("Encounter").search(patient=patient).first()
    assert encounter["subject"].to_resource().id == patient.id


def not_found() -> None:
    refusal(lambda: client.get("Patient", "nobody"), ResourceNotFound)


def delete() -> None:
    other = client.resource("Patient", name=[{"family": "Parti"}]).save()
    other.delete()
    assert client.resources("Patient").search(family="Parti").count() == 0


STEPS: tuple[Callable[[], None], ...] = (
    metadata,
    create,
    conditional_create,
    search,
    include,
    page,
    elements,
    update,
    conditional_update,
    refresh,
    patch,
    history,
    transaction,
    everything,
    validate,
    references,
    not_found,
    delete,
)


def outcome(step: Callable[[], None]) -> str:
    try:
        step()
    except Exception:
        return traceback.format_exc(limit=-3)
    return "ok"


print(json.dumps({step.__name__: outcome(step) for step in STEPS}))

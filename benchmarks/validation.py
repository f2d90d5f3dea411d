"""Structure check, full validation and XML per second: a 2 KB Patient, and a synthea Bundle where the test material is there.

.venv/bin/python -m benchmarks.validation
"""

from __future__ import annotations

import bz2
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fhir_server.definitions.definitions import load_definitions
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.validator import Validator

SECONDS = 1.0


def patient() -> dict[str, Any]:
    """A Patient of some 2 KB with identifiers, names, addresses, contacts and a short narrative."""
    identifiers = [
        {"use": "official", "system": f"urn:oid:1.2.250.1.213.1.4.{n}", "value": f"{n}8050750616{n}12", "period": {"start": "2020-01-01"}}
        for n in range(4)
    ]
    address = {"use": "home", "line": ["12 rue des Lilas", "Bâtiment C"], "city": "Nantes", "postalCode": "44000", "country": "FR"}
    contact = {
        "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N"}]}],
        "name": {"family": "Durand", "given": ["Paul"]},
        "telecom": [{"system": "phone", "value": "+33240000000", "use": "mobile", "rank": 1}],
    }
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Jeanne <b>Durand</b>, 74 ans</p></div>'
    return {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {"versionId": "1", "lastUpdated": "2024-02-29T08:30:00.123+01:00"},
        "text": {"status": "generated", "div": div},
        "identifier": identifiers,
        "active": True,
        "name": [{"use": "official", "family": "Durand", "given": ["Jeanne", "Marie"]}, {"use": "usual", "text": "Jeanne Durand"}],
        "telecom": [{"system": "phone", "value": f"+3324000000{n}", "use": "home"} for n in range(3)],
        "gender": "female",
        "birthDate": "1950-07-14",
        "deceasedBoolean": False,
        "address": [address, {**address, "use": "temp"}],
        "maritalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}], "text": "Mariée"},
        "contact": [contact, contact],
        "generalPractitioner": [{"reference": "Practitioner/g1", "display": "Dr Martin"}],
    }


def rate(name: str, work: Callable[[], object]) -> None:
    """Runs `work` for a second, after a first run that compiles, and prints how often and how long one took."""
    work()
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < SECONDS:
        work()
        count += 1
    print(f"{name:45} {count / elapsed:10,.0f} /s {elapsed / count * 1e6:12,.0f} µs")


def report(name: str, resource: dict[str, Any], check: StructureCheck, validator: Validator) -> None:
    """One line for each way of reading and checking a resource."""
    schema = check.schema
    source, xml = encode_json(resource), encode_xml(resource, schema)
    print(f"{name}: {len(source):,} bytes of JSON, {len(xml):,} of XML")
    rate("  decode JSON", lambda: decode_resource(source))
    rate("  structure check", lambda: check.check(resource))
    rate("  full validation", lambda: validator.validate(resource))
    rate("  decode XML", lambda: decode_xml(xml, schema))
    rate("  encode XML", lambda: encode_xml(resource, schema))


def main() -> None:
    definitions = load_definitions()
    check, validator = StructureCheck(definitions.schema), Validator(definitions)
    report("Patient", patient(), check, validator)
    folder = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data")) / "synthea-r4"
    if bundles := sorted(folder.glob("*.bz2"), key=lambda path: path.stat().st_size):
        path = bundles[len(bundles) // 2]
        report(f"Bundle {path.name}", decode_resource(bz2.decompress(path.read_bytes())), check, validator)


if __name__ == "__main__":
    main()

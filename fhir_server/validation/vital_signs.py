"""An Observation of a vital sign meets the profile of that vital sign, whether or not it names it
(https://hl7.org/fhir/R4/observation-vitalsigns.html).

vital_signs.json has the LOINC codes of that page, and some other codes of the same signs that the reference validator takes too;
it is not its whole list.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase

BASE = "http://hl7.org/fhir/StructureDefinition/"


@cache
def _profiles() -> dict[str, dict[str, str]]:
    """Code system -> code -> name of the profile in R4 core."""
    loaded: dict[str, dict[str, str]] = json.loads((files(__package__) / "vital_signs.json").read_text("utf-8"))
    return loaded


def vital_sign(observation: Resource) -> tuple[str, str] | None:
    """(canonical URL of the profile, code that asks for it); None where it is no vital sign, or another type of resource."""
    code = observation.get("code") if observation.get("resourceType") == "Observation" else None
    codings = code.get("coding") if isinstance(code, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        name = _profiles().get(str(coding.get("system")), {}).get(str(coding.get("code"))) if isinstance(coding, dict) else None
        if name:
            return BASE + name, str(coding["code"])
    return None


def required_profile(canonical: str, code: str, place: str) -> Issue:
    """Says why a profile is checked that nobody named."""
    sentence = phrase(
        "FHIR requires the profile {profile} of an Observation with the code {code}; it is checked.", profile=canonical, code=code
    )
    return Issue("information", "informational", sentence, place, message_id="vital-sign", source=canonical)

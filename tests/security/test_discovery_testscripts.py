"""The archived TestScripts of SMART discovery (`../shared/data/testscripts/_archived/smart-on-fhir-v2`), which nobody here wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.security.issuer import read_issuers

pytestmark = pytest.mark.conformance
SCRIPTS = (
    "MAY/discovery-advertises-backend-services", "MUST/capability-statement-declares-smart", "MUST/discovery-content-type-json",
    "MUST/discovery-endpoint-200", "MUST/discovery-has-required-fields", "SHOULD/discovery-also-at-root",
    "SHOULD/discovery-has-patient-scope", "SHOULD/discovery-supports-pkce-s256",
)  # fmt: skip
STRICTER = {"authorization_endpoint"}
"""Of servers that launch apps, says https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#metadata; this one does not."""
ISSUERS = read_issuers({"smart": {"issuer": "https://id.example.org", "scope": "user/*.rs patient/*.rs"}})


def asked(server: Any, operation: dict[str, Any]) -> Any:
    if operation["type"]["code"] == "capabilities":
        return server.get("/fhir/metadata")
    return server.get(("" if operation.get("pathFromRoot") else "/fhir") + operation["params"], accept="application/json")


CHECKS: dict[str, Callable[[Any, dict[str, Any]], bool]] = {
    "contains": lambda answer, one: one["responseBody"] in answer.text or one["responseBody"] in STRICTER,
    "matchesRegex": lambda answer, one: re.search(one["responseBody"], answer.text) is not None,
    "matchesMimeClass": lambda answer, one: (
        re.match(rf"application/(.*\+)?{one['contentType']}", answer.headers["content-type"]) is not None
    ),
    "equals": lambda answer, one: str(answer.status_code) == one["responseCode"],
}


def test_all_scripts_are_tried(test_data: Path) -> None:
    folder = test_data / "testscripts" / "_archived" / "smart-on-fhir-v2"
    assert {str(file.relative_to(folder))[:-5] for file in folder.rglob("*.json")} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_passes(serve: Callable[..., Any], test_data: Path, name: str) -> None:
    server, answer = serve(issuers=ISSUERS), None
    script = json.loads((test_data / "testscripts" / "_archived" / "smart-on-fhir-v2" / f"{name}.json").read_text())
    for action in (action for test in script["test"] for action in test["action"]):
        if "operation" in action:
            answer = asked(server, action["operation"])
        else:
            assert CHECKS[action["assert"]["operator"]](answer, action["assert"]), action

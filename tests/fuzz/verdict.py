"""What every answer of the server keeps to, whatever was asked."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from tests.fuzz.asgi_client import Answer

FHIR = "{http://hl7.org/fhir}"


def check(answer: Answer, asked: object, method: str = "GET") -> None:
    """No fault of ours; what is refused comes with an OperationOutcome that says why."""
    assert answer.status < 500 or answer.status == 501, f"{answer.status} for {asked}: {answer.body[:300]!r}"
    if answer.status >= 400 and method != "HEAD":
        assert texts_of(answer), f"{answer.status} without a text for {asked}: {answer.body[:300]!r}"


def texts_of(answer: Answer) -> list[str]:
    """What the issues of an OperationOutcome say, each of which must say something; AssertionError where it is none."""
    texts = _in_xml(answer.body) if "xml" in answer.media_type else _in_json(answer)
    assert all(texts), f"an issue says nothing: {answer.body[:300]!r}"
    return texts


def _in_json(answer: Answer) -> list[str]:
    outcome = answer.json()
    if "errors" in outcome:  # of GraphQL
        outcome = outcome["errors"][0]["extensions"]["resource"]
    assert outcome["resourceType"] == "OperationOutcome"
    return [issue.get("diagnostics") or issue.get("details", {}).get("text", "") for issue in outcome["issue"]]


def _in_xml(body: bytes) -> list[str]:
    outcome = ElementTree.fromstring(body)
    assert outcome.tag == f"{FHIR}OperationOutcome"
    return [found.get("value", "") for found in outcome.iterfind(f"{FHIR}issue/{FHIR}diagnostics")]

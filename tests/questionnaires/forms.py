"""Forms and responses in few words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
CORE = "http://hl7.org/fhir/StructureDefinition/"
NOW = datetime(2025, 8, 7, 7, 38, tzinfo=UTC)


def form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "url": "https://example.org/q", "status": "active", "item": list(items), **more}


def question(link_id: str, type_: str = "string", *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": type_, **({"item": list(items)} if items else {}), **more}


def response(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "questionnaire": "https://example.org/q", "status": "completed", "item": list(items)}


def answered(link_id: str, *answers: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "answer": list(answers)}


def group(link_id: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "item": list(items)}


def expression(url: str, text: str, language: str = "text/fhirpath", name: str | None = None) -> dict[str, Any]:
    value = {"language": language, "expression": text} | ({"name": name} if name else {})
    return {"url": url, "valueExpression": value}

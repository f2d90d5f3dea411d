"""A form with every kind of question that the browser tests answer, invented, in French with English translations."""

from __future__ import annotations

from typing import Any

Element = dict[str, Any]
URL = "http://example.org/Questionnaire/browser-demonstration"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"


def told(name: str, french: str, english: str) -> Element:
    """A text and its translation."""
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}]
    return {name: french, f"_{name}": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": parts}]}}


def form() -> Element:
    """A group whose last question depends on the first, a date, a choice with points, a score of them and what follows of it, a value set,
    a date that is known of the person, a repeated text."""
    return {
        "resourceType": "Questionnaire",
        "id": "browser-demonstration",
        "url": URL,
        "version": "1",
        "status": "active",
        "language": "fr",
        **told("title", "Essai de la page", "Trying the page"),
        "subjectType": ["Patient"],
        "extension": [_launched_for("patient", "Patient")],
        "item": [
            {"linkId": "g", "type": "group", **told("text", "Vie quotidienne", "Daily life"), "item": [_alone(), _help(), _since()]},
            {"linkId": "s", "type": "group", **told("text", "Fatigue", "Tiredness"),
             "item": [_points("p1", 1), _points("p2", 2), _score(), _tired()]},
            {"linkId": "sex", "type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender",
             **told("text", "Sexe administratif", "Administrative gender")},
            _born(),
            {"linkId": "remark", "type": "text", "repeats": True, **told("text", "Remarques", "Remarks")},
        ],
    }  # fmt: skip


def _launched_for(name: str, type_: str) -> Element:
    coding = {"system": "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext", "code": name}
    parts = [{"url": "name", "valueCoding": coding}, {"url": "type", "valueCode": type_}]
    return {"url": f"{SDC}sdc-questionnaire-launchContext", "extension": parts}


def _born() -> Element:
    expression = {"language": "text/fhirpath", "expression": "%patient.birthDate"}
    extension = [{"url": f"{SDC}sdc-questionnaire-initialExpression", "valueExpression": expression}]
    return {"linkId": "born", "type": "date", "extension": extension, **told("text", "Née le", "Born on")}


def _alone() -> Element:
    return {"linkId": "alone", "type": "boolean", "required": True, **told("text", "La personne vit seule", "The person lives alone")}


def _help() -> Element:
    condition = {"question": "alone", "operator": "=", "answerBoolean": True}
    return {"linkId": "help", "type": "string", "enableWhen": [condition], **told("text", "Qui vient l’aider ?", "Who comes to help?")}


def _since() -> Element:
    return {"linkId": "since", "type": "date", **told("text", "Depuis quelle date ?", "Since when?")}


def _points(link_id: str, number: int) -> Element:
    ordinal = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    names = (("jamais", "never"), ("parfois", "sometimes"), ("souvent", "often"))
    options = [
        {"valueCoding": {"system": "http://example.org/often", "code": english, **told("display", french, english),
                         "extension": [{"url": ordinal, "valueDecimal": points}]}}
        for points, (french, english) in enumerate(names)
    ]  # fmt: skip
    control = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "radio-button"}]}
    extension = [{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl", "valueCodeableConcept": control}]
    text = told("text", f"Fatigue {number} : à quelle fréquence ?", f"Tiredness {number}: how often?")
    return {"linkId": link_id, "type": "choice", "extension": extension, **text, "answerOption": options}


def _score() -> Element:
    chosen = "%resource.descendants().where(linkId in ('p1' | 'p2')).answer.value"
    expression = f"iif({chosen}.exists(), {chosen}.where(code = 'sometimes').count() + 2 * {chosen}.where(code = 'often').count(), {{}})"
    url = f"{SDC}sdc-questionnaire-calculatedExpression"
    calculated = {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}}
    return {"linkId": "score", "type": "integer", "readOnly": True, "extension": [calculated], **told("text", "Score", "Score")}


def _tired() -> Element:
    expression = "iif(%resource.descendants().where(linkId = 'p2').answer.exists(),"
    expression += " %resource.descendants().where(linkId = 'p2').answer.value.code = 'often', {})"
    url = f"{SDC}sdc-questionnaire-calculatedExpression"
    calculated = {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}}
    return {
        "linkId": "tired",
        "type": "boolean",
        "readOnly": True,
        "extension": [calculated],
        **told("text", "Très fatiguée", "Very tired"),
    }

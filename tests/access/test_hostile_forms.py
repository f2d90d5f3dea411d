"""Forms and responses that somebody made to look at others (https://hl7.org/fhir/uv/sdc/STU4/): each is answered, none with what its
caller may not see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.conftest import Server
from tests.access.people import GP, care_team, observation, patient, person, reference
from tests.questionnaires.forms import CORE, SDC, expression, form, question

Resource = dict[str, Any]
SECRET = "Ravaillac"
RECORD = [
    patient("p", name=[{"family": "Martin"}]),
    patient("q", name=[{"family": SECRET}]),
    observation("op", "p"),
    observation("oq", "q", note=[{"text": SECRET}]),
    care_team("t", "p", "Practitioner/gp"),
    {
        "resourceType": "QuestionnaireResponse",
        "id": "rq",
        "status": "completed",
        "subject": reference("Patient/q"),
        "questionnaire": "https://example.org/q",
        "item": [{"linkId": "a", "answer": [{"valueString": SECRET}]}],
    },
]
CALLERS = pytest.mark.parametrize("caller", [GP, person("p")], ids=["GP", "person"])
LAUNCHED = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueId": "patient"}, {"url": "type", "valueCode": "Patient"}]}
QUERIES = """
Patient/q
Patient?_id=q
Patient?_include=*
Patient?_revinclude=*:*
Patient?_has:Observation:patient:_id=oq
Patient?name:contains=a&_summary=false
Patient?_elements=name
Patient?_count=-1
Patient?name=%00
Patient?name=%FF
Patient?birthdate=lt9999999999999
Patient?_lastUpdated=gt2000&_include:iterate=*
Patient?_format=xml
Patient?_content=Rav
Patient?_list=x
Patient?_filter=id eq q
Patient?_query=x
Observation?patient=q
Observation?_include=Observation:subject:Patient
Observation?subject.name:contains=a
Observation?subject:Patient._id=q
QuestionnaireResponse/rq
QuestionnaireResponse?questionnaire=https://example.org/q
List?_contained=true
AuditEvent
AuditEvent?patient=q
../Patient/q
Patient/../Patient/q
Patient/p/../q
/Patient/q
//testserver/fhir/Patient/q
http://testserver/fhir/Patient/q
file:///etc/passwd
Patient%2Fq
Patient/q?_format=xml
Patient/q/_history/1
Patient/q/$everything
?_type=Patient
_history
metadata
Nonsense/1
Nonsense?x=1
""".strip().splitlines()


def asked(server: Server, caller: Any, operation: str, **parts: Any) -> Any:
    parameters = [
        {"name": name.replace("_", "-"), **({"resource": value} if "resourceType" in value else {"valueReference": value})}
        for name, value in parts.items()
    ]
    return server.ask(caller, "POST", operation, {"resourceType": "Parameters", "parameter": parameters})


def reading(query: str) -> Resource:
    """A form that shows all texts of what a query finds."""
    shown = expression(SDC + "initialExpression", "%Found.descendants().ofType(string)")
    found = expression(CORE + "variable", query, "application/x-fhir-query", "Found")
    return form(question("a", "string", extension=[shown], repeats=True), extension=[LAUNCHED, found])


def test_the_form_shows_what_its_caller_may_see(server: Server) -> None:
    server.store(*RECORD)
    answer = asked(server, GP, "/Questionnaire/$populate", questionnaire=reading("Patient?_id=p"))
    assert "Martin" in answer.text


@CALLERS
def test_no_query_of_a_form_finds_anything_of_somebody_else(server: Server, caller: Any) -> None:
    server.store(*RECORD)
    for query in QUERIES:
        answer = asked(server, caller, "/Questionnaire/$populate", questionnaire=reading(query), subject=reference("Patient/p"))
        assert answer.status_code == 200, (query, answer.text)
        assert SECRET not in answer.text, query


@CALLERS
@pytest.mark.parametrize("subject", ["Patient/q", "http://testserver/fhir/Patient/q", "Patient?_id=q", "Patient/q/_history/1"])
def test_a_subject_that_may_not_be_seen_fills_nothing_in(server: Server, caller: Any, subject: str) -> None:
    server.store(*RECORD)
    own_query = reading("Observation?patient={{%patient.id}}&_include=Observation:subject")
    answer = asked(server, caller, "/Questionnaire/$populate", questionnaire=own_query, subject=reference(subject))
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text


@CALLERS
@pytest.mark.parametrize("source", ["%patient.name.family", "%resource.subject.resolve().name.family", "'Patient/q'.resolve().name.family"])
def test_no_template_puts_in_what_its_caller_may_not_see(server: Server, caller: Any, source: str) -> None:
    server.store(*RECORD)
    filled = {"_text": {"extension": [{"url": SDC + "templateExtractValue", "valueString": source}]}}
    template = {"resourceType": "Basic", "id": "b", "code": {"coding": [{"code": "x"}], **filled}}
    extract = {"url": SDC + "templateExtract", "extension": [{"url": "template", "valueReference": reference("#b")}]}
    made = form(question("a"), contained=[template], extension=[LAUNCHED, extract])
    given = {**RECORD[-1], "item": [{"linkId": "a", "answer": [{"valueString": "x"}]}]}
    answer = asked(server, caller, "/QuestionnaireResponse/$extract", questionnaire=made, questionnaire_response=given)
    assert answer.status_code == 200, answer.text
    assert '"Basic"' in answer.text
    assert SECRET not in answer.text


@CALLERS
@pytest.mark.parametrize("operation", ["$extract", "$explain-score"])
def test_a_response_about_somebody_else_is_not_there(server: Server, caller: Any, operation: str) -> None:
    server.store(*RECORD)
    assert server.get(caller, f"/QuestionnaireResponse/rq/{operation}").status_code == 404

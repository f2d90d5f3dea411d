"""Operations on forms over HTTP (https://hl7.org/fhir/uv/sdc/STU4/)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.questionnaires.forms import CORE, SDC, expression, form, question

QUERY = "application/x-fhir-query"
INITIAL, CONTEXT, VARIABLE = SDC + "initialExpression", SDC + "itemPopulationContext", CORE + "variable"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
GENDER = "http://hl7.org/fhir/administrative-gender"
DAYS_AGO = [(datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds") for days in (1, 20, 800)]


def launch(name: str, type_: str) -> dict[str, Any]:
    parts = [{"url": "name", "valueCoding": {"code": name}}, {"url": "type", "valueCode": type_}]
    return {"url": SDC + "launchContext", "extension": parts}


def filled(link_id: str, text: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    return question(link_id, type_, extension=[expression(INITIAL, text), *more.pop("extension", [])], **more)


PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1943-02-01", "name": [{"family": "Martin"}]}
STORED = (
    PATIENT,
    {"resourceType": "Patient", "id": "other", "name": [{"family": "Autre"}]},
    {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"}, "code": {"text": "Diabète"}},
    {"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/p"}, "code": {"text": "Insuffisance cardiaque"}},
    {"resourceType": "Condition", "id": "c3", "subject": {"reference": "Patient/other"}, "code": {"text": "Asthme"}},
    *(
        {
            "resourceType": "Observation",
            "id": f"w{number}",
            "status": status,
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": LOINC, "code": "29463-7"}]},
            "effectiveDateTime": when,
            "valueQuantity": {"value": 60 + number, "unit": "kg", "system": UCUM, "code": "kg"},
        }
        for number, (status, when) in enumerate([("final", DAYS_AGO[1]), ("preliminary", DAYS_AGO[0]), ("final", DAYS_AGO[2])])
    ),
    {
        "resourceType": "Observation",
        "id": "bp",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
        "effectiveDateTime": DAYS_AGO[1],
        "component": [{"code": {"coding": [{"system": LOINC, "code": "8480-6"}]}, "valueQuantity": {"value": 135, "unit": "mmHg"}}],
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "earlier",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "questionnaire": "https://example.org/earlier",
        "item": [{"linkId": "goal", "answer": [{"valueString": "rester chez moi"}]}],
    },
    {
        "resourceType": "CareTeam",
        "id": "t",
        "status": "active",
        "subject": {"reference": "Patient/p"},
        "participant": [{"member": {"reference": "Patient/other"}}],
    },
)


def period(value: int, code: str) -> dict[str, Any]:
    return {"url": SDC + "observationLinkPeriod", "valueDuration": {"value": value, "system": UCUM, "code": code}}


def coded(code: str) -> list[dict[str, Any]]:
    return [{"system": LOINC, "code": code}]


FORM = form(
    filled("name", "%patient.name.family"),
    filled("sex", "%patient.gender", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/administrative-gender"),
    question(
        "conditions",
        "group",
        filled("condition", "%Condition.code.text"),
        question("still", "boolean", initial=[{"valueBoolean": True}]),
        repeats=True,
        extension=[expression(CONTEXT, "Condition?patient={{%patient.id}}&_sort=_id", QUERY, "Condition")],
    ),
    question("weight", "quantity", code=coded("29463-7"), extension=[period(1, "a")]),
    question("systolic", "integer", code=coded("8480-6"), extension=[period(1, "a")]),
    question("height", "decimal", code=coded("8302-2"), extension=[period(1, "a")]),
    filled("goal", "%Earlier.entry.resource.item.where(linkId='goal').answer.value"),
    filled("member", "%Team.entry.resource.participant.member.resolve().name.family"),
    question("empty"),
    title="Formulaire",
    version="1",
    extension=[
        launch("patient", "Patient"),
        expression(VARIABLE, "QuestionnaireResponse?patient={{%patient.id}}&_sort=-authored", QUERY, "Earlier"),
        expression(VARIABLE, "CareTeam?patient={{%patient.id}}", QUERY, "Team"),
    ],
    id="f",
)


@pytest.fixture
def server(client):
    for resource in (*STORED, FORM):
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    return client


def parameters(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(parts)}


SUBJECT = {"name": "subject", "valueReference": {"reference": "Patient/p"}}


def context(name: str, content: dict[str, Any]) -> dict[str, Any]:
    value = {"resource": content} if "resourceType" in content else {"valueReference": content}
    return {"name": "context", "part": [{"name": "name", "valueString": name}, {"name": "content", **value}]}


def values(response: dict[str, Any]) -> dict[str, Any]:
    """linkId -> values, those of groups that repeat one after the other."""
    found: dict[str, list[Any]] = {}
    waiting = [response]
    while waiting:
        node = waiting.pop(0)
        for item in node.get("item", ()):
            found.setdefault(item["linkId"], []).extend(next(iter(one.values())) for one in item.get("answer", ()))
            waiting += [item, *item.get("answer", ())]
    return {link_id: answers for link_id, answers in found.items() if answers}


def named(answer) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["resource"] for one in answer.json()["parameter"]}


KNOWN = {
    "name": ["Martin"],
    "sex": [{"system": GENDER, "code": "female", "display": "Female"}],
    "condition": ["Diabète", "Insuffisance cardiaque"],
    "still": [True, True],
    "weight": [{"value": 60, "unit": "kg", "system": UCUM, "code": "kg"}],
    "systolic": [135],
    "goal": ["rester chez moi"],
    "member": ["Autre"],
}


def test_a_form_is_filled_in_with_what_the_server_knows(server):
    found = named(server.post("/Questionnaire/f/$populate", parameters(SUBJECT)))
    assert values(found["response"]) == KNOWN
    assert found.keys() == {"response"}


def test_the_response_says_what_it_answers_about_whom_and_when_and_is_valid(server):
    response = named(server.get("/Questionnaire/f/$populate?subject=Patient/p"))["response"]
    assert response["status"] == "in-progress"
    assert response["questionnaire"] == "https://example.org/q|1"
    assert response["subject"] == {"reference": "Patient/p"}
    assert response["authored"].startswith(str(datetime.now(UTC).year))
    outcome = server.post("/QuestionnaireResponse/$validate", response).json()
    assert [one for one in outcome["issue"] if one["severity"] in ("error", "fatal")] == []


@pytest.mark.parametrize(
    "named_by",
    [
        {"name": "questionnaire", "valueCanonical": "https://example.org/q|1"},
        {"name": "canonical", "valueUri": "https://example.org/q"},
        {"name": "questionnaire", "valueReference": {"reference": "Questionnaire/f"}},
        {"name": "questionnaireRef", "valueReference": {"reference": "Questionnaire/f"}},
        {"name": "questionnaire", "resource": FORM},
    ],
)
def test_the_form_may_be_named_or_sent(server, named_by):
    assert values(named(server.post("/Questionnaire/$populate", parameters(named_by, SUBJECT)))["response"]) == KNOWN


def test_a_form_is_found_by_its_identifier(server):
    assert server.put("/Questionnaire/i", form(question("a"), id="i", identifier=[{"system": "urn:x", "value": "1"}])).status_code == 201
    by = {"name": "identifier", "valueIdentifier": {"system": "urn:x", "value": "1"}}
    assert named(server.post("/Questionnaire/$populate", parameters(by)))["response"]["questionnaire"] == "https://example.org/q"


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        ([], 400, "Name one questionnaire"),
        ([{"name": "canonical", "valueUri": "x"}, {"name": "identifier", "valueString": "y"}], 400, "Name one questionnaire"),
        ([{"name": "canonical", "valueUri": "https://example.org/none"}], 404, "is not here; store it, or send it whole"),
        ([{"name": "questionnaire", "resource": {"resourceType": "Questionnaire", "colour": 1}}], 422, "colour"),
        ([{"name": "questionnaire", "valueUri": "https://example.org/q"}, {"name": "context", "part": []}], 400, "content"),
        ([{"name": "dataEndpoint", "valueString": "x"}], 400, "no parameter 'dataEndpoint'"),
    ],
)
def test_what_cannot_be_done_says_why(server, parts, status, said):
    answer = server.post("/Questionnaire/$populate", parameters(*parts))
    assert answer.status_code == status, answer.text
    assert said in answer.text


def test_what_is_sent_counts_instead_of_what_is_stored(server):
    sent = context("patient", {**PATIENT, "name": [{"family": "Envoyée"}]})
    assert values(named(server.post("/Questionnaire/f/$populate", parameters(sent)))["response"])["name"] == ["Envoyée"]


@pytest.mark.parametrize("base", ["", "http://testserver/fhir/"])
def test_a_context_may_be_a_reference_or_a_query(server, base):
    by_reference = context("patient", {"reference": f"{base}Patient/p"})
    by_query = context("Earlier", {"reference": "QuestionnaireResponse?patient={{%patient.id}}"})
    assert values(named(server.post("/Questionnaire/f/$populate", parameters(by_reference, by_query)))["response"]) == KNOWN


def test_without_the_servers_knowledge_only_what_is_sent_is_used(server):
    answer = named(
        server.post("/Questionnaire/f/$populate", parameters(context("patient", PATIENT), {"name": "local", "valueBoolean": False}))
    )
    assert values(answer["response"]) == {"name": KNOWN["name"], "sex": KNOWN["sex"], "still": [True]}
    assert "nothing here that a query could be asked of" in str(answer["issues"])


def test_queries_of_a_contained_batch_are_asked(server):
    batch = {
        "resourceType": "Bundle",
        "id": "PrePop",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "Condition?patient={{%patient.id}}&_sort=_id"}}],
    }
    asked = form(
        filled("c", "%PrePop.entry[0].resource.entry.resource.code.text", repeats=True),
        contained=[batch],
        extension=[launch("patient", "Patient"), {"url": SDC + "sourceQueries", "valueReference": {"reference": "#PrePop"}}],
    )
    sent = {"name": "questionnaire", "resource": asked}
    assert values(named(server.post("/Questionnaire/$populate", parameters(sent, SUBJECT)))["response"]) == {"c": KNOWN["condition"]}
    given = context("PrePop", {**batch, "entry": [{"request": {"method": "GET", "url": "Condition?patient=Patient/other"}}]})
    assert values(named(server.post("/Questionnaire/$populate", parameters(sent, SUBJECT, given)))["response"]) == {"c": ["Asthme"]}


def test_what_cannot_be_told_is_left_open_and_said_in_the_callers_language(server):
    asked = form(
        filled("a", "1 +"),
        filled("b", "'x'", "integer"),
        filled("c", "%unknown"),
        question("d", initial=[{"valueString": "y"}]),
    )
    sent = parameters({"name": "questionnaire", "resource": asked})
    answer = named(server.post("/Questionnaire/$populate", sent, accept_language="fr"))
    assert values(answer["response"]) == {"d": ["y"]}
    assert [one["severity"] for one in answer["issues"]["issue"]] == ["warning"] * 3
    assert "n’a pas pu être rempli" in answer["issues"]["issue"][0]["diagnostics"]


def test_answers_to_what_is_not_asked_are_left_out(server):
    condition = [{"question": "a", "operator": "=", "answerBoolean": True}]
    asked = form(question("a", "boolean", initial=[{"valueBoolean": False}]), filled("b", "'x'", enableWhen=condition))
    answer = named(server.post("/Questionnaire/$populate", parameters({"name": "questionnaire", "resource": asked})))
    assert values(answer["response"]) == {"a": [False]}
    assert answer["issues"]["issue"][0]["severity"] == "information"


def test_questions_below_an_answer_are_filled_in_too(server):
    asked = form(filled("a", "'x'") | {"item": [filled("b", "'y'"), question("empty")]})
    answer = named(server.post("/Questionnaire/$populate", parameters({"name": "questionnaire", "resource": asked})))
    below = [{"linkId": "b", "answer": [{"valueString": "y"}]}]
    assert answer["response"]["item"] == [{"linkId": "a", "answer": [{"valueString": "x", "item": below}]}]


def test_calculated_answers_are_worked_out_only_when_that_is_asked(server):
    calculated = expression(SDC + "calculatedExpression", "%resource.item.where(linkId='a').answer.value * 2")
    asked = form(filled("a", "21", "integer"), question("b", "integer", extension=[calculated]))
    sent = {"name": "questionnaire", "resource": asked}
    assert values(named(server.post("/Questionnaire/$populate", parameters(sent)))["response"]) == {"a": [21]}
    calculating = {"name": "calculate", "valueBoolean": True}
    assert values(named(server.post("/Questionnaire/$populate", parameters(sent, calculating)))["response"]) == {"a": [21], "b": [42]}


def test_nothing_is_stored(server):
    named(server.post("/Questionnaire/f/$populate", parameters(SUBJECT)))
    assert server.get("/QuestionnaireResponse?_summary=count").json()["total"] == 1


def option(code: str, display: str, weight: int) -> dict[str, Any]:
    coding = {"system": "urn:s", "code": code, "display": display}
    return {"valueCoding": coding, "extension": [{"url": CORE + "itemWeight", "valueDecimal": weight}]}


GRID = form(
    question(
        "carer",
        "group",
        question("tired", "choice", text="Fatigue", answerOption=[option("n", "jamais", 0), option("a", "toujours", 2)]),
        question("alone", "choice", text="Isolement", answerOption=[option("n", "jamais", 0), option("a", "toujours", 3)]),
        text="L’aidant",
    ),
    question(
        "sum",
        "integer",
        text="Score",
        extension=[expression(SDC + "calculatedExpression", "%resource.item.where(linkId='carer').item.answer.value.weight().sum()")],
    ),
    id="grid",
    url="https://example.org/grid",
)
ANSWERED = {
    "resourceType": "QuestionnaireResponse",
    "id": "grid",
    "status": "completed",
    "questionnaire": "https://example.org/grid",
    "item": [
        {
            "linkId": "carer",
            "item": [{"linkId": "tired", "answer": [{"valueCoding": {"system": "urn:s", "code": "a", "display": "toujours"}}]}],
        },
        {"linkId": "sum", "answer": [{"valueInteger": 5}]},
    ],
}
FRENCH = """Fatigue : toujours compte 2 ; 2 jusqu’ici.
L’aidant : 2 dans cette partie.
Score : la réponse est 5, mais le calcul donne 2 (2).
Au total : 2.
Sans réponse : Isolement."""


@pytest.fixture
def graded(client):
    for resource in (GRID, ANSWERED):
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    return client


def test_a_score_is_explained_in_sentences(graded):
    answer = graded.get("/QuestionnaireResponse/grid/$explain-score", accept_language="fr").json()["parameter"]
    assert answer[-1]["valueString"].replace("\u00a0", " ") == FRENCH
    english = graded.post("/QuestionnaireResponse/grid/$explain-score", parameters()).json()["parameter"]
    assert english[-1]["valueString"].startswith("Fatigue: toujours counts 2; 2 so far.\n")


def test_a_score_is_explained_in_figures(graded):
    answer = graded.get("/QuestionnaireResponse/grid/$explain-score").json()["parameter"]
    assert [one["name"] for one in answer] == ["total", "answer", "section", "calculated", "unanswered", "text"]
    assert answer[0]["valueDecimal"] == 2
    parts = {one["name"]: next(value for name, value in one.items() if name != "name") for one in answer[3]["part"]}
    assert parts | {"text": None} == {"linkId": "sum", "answered": 5, "calculated": 2, "agrees": False, "operand": "tired", "text": None}


def test_a_response_may_be_sent_with_its_form(graded):
    sent = [{"name": "questionnaire-response", "resource": {**ANSWERED, "questionnaire": "https://example.org/elsewhere"}}]
    assert graded.post("/QuestionnaireResponse/$explain-score", parameters(*sent)).status_code == 404
    sent.append({"name": "questionnaire", "resource": GRID})
    assert graded.post("/QuestionnaireResponse/$explain-score", parameters(*sent)).json()["parameter"][0]["valueDecimal"] == 2
    assert graded.post("/QuestionnaireResponse/$explain-score", ANSWERED).json()["parameter"][0]["valueDecimal"] == 2
    assert graded.post("/QuestionnaireResponse/$explain-score", parameters()).status_code == 400


# the guide's own forms

GUIDE = "https://passerelle.care/fhir/Questionnaire/"
EMERGENCY = {
    "resourceType": "Encounter",
    "id": "urg",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
    "subject": {"reference": "Patient/p"},
    "period": {"start": DAYS_AGO[1], "end": DAYS_AGO[1]},
}
GOAL = {
    "resourceType": "Goal",
    "id": "g",
    "lifecycleStatus": "active",
    "description": {"text": "Marcher jusqu’au marché"},
    "subject": {"reference": "Patient/p"},
}


def test_the_screening_form_is_filled_in_from_stays_conditions_and_treatments(server):
    assert server.put("/Encounter/urg", EMERGENCY).status_code == 201
    found = named(server.get(f"/Questionnaire/$populate?questionnaire={GUIDE}screening-has-2014&subject=Patient/p"))
    known = values(found["response"])
    assert [one["code"] for one in known["emergency-stay"]] == ["O"]
    assert "polypathology" not in known  # two conditions are on record: no reason to say yes, and none to say no
    assert found.keys() == {"response"}


ICD = "http://hl7.org/fhir/sid/icd-10"
DOMAIN = "https://passerelle.care/fhir/CodeSystem/problem-domain"


def problem(number: int, code: str = "E11", **more: Any) -> dict[str, Any]:
    clinical = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
    concept = {"coding": [{"system": ICD, "code": code}]}
    stands = {"clinicalStatus": clinical, "subject": {"reference": "Patient/p"}}
    return {"resourceType": "Condition", "id": f"k{number}", **stands, "code": concept, **more}


def about(domain: str) -> list[dict[str, Any]]:
    return [{"coding": [{"system": DOMAIN, "code": domain}]}]


def of_severity(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://snomed.info/sct", "code": code}]}


def medicine(number: int) -> dict[str, Any]:
    concept = {"medicationCodeableConcept": {"text": f"médicament {number}"}}
    return {"resourceType": "MedicationStatement", "id": f"m{number}", "status": "active", **concept, "subject": {"reference": "Patient/p"}}


REFUTED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}]}
BOX = {"coding": [{"system": "https://passerelle.care/fhir/CodeSystem/inclusion-reason", "code": "severe-disease"}]}
RECORDS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "three diseases": ([problem(one) for one in range(3)], ["polypathology"]),
    "two diseases and the carer's": ([problem(1), problem(2), problem(3, category=about("carer"))], []),
    "two diseases and a social situation": ([problem(1), problem(2), problem(3, category=about("social"))], []),
    "two diseases and one ruled out": ([problem(1), problem(2), problem(3, verificationStatus=REFUTED)], []),
    "a heart failure": ([problem(1, "I50.0")], ["polypathology"]),
    "a severe heart failure": ([problem(1, "I50.0", severity=of_severity("24484000"))], ["polypathology"]),
    "a mild kidney failure": ([problem(1, "N18.2", severity=of_severity("255604002"))], []),
    "a kidney disease of stage 2": ([problem(1, "N18.2")], []),
    "a kidney disease of stage 5": ([problem(1, "N18.5")], ["polypathology"]),
    "two diseases and a box of the inclusion form": ([problem(1), problem(2), problem(3) | {"code": BOX}], []),
    "ten medicines in words": ([medicine(one) for one in range(10)], ["polypathology"]),
    "nine medicines": ([medicine(one) for one in range(9)], []),
    "a stay that was planned and did not come": ([EMERGENCY | {"status": "cancelled"}], []),
}


@pytest.mark.parametrize("name", RECORDS)
def test_the_screening_takes_for_a_yes_only_what_the_record_shows(client, name):
    resources, yes = RECORDS[name]
    for resource in (PATIENT, *resources):
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    found = named(client.get(f"/Questionnaire/$populate?questionnaire={GUIDE}screening-has-2014&subject=Patient/p"))
    assert found.keys() == {"response"}, found["issues"]
    assert [one for one in ("emergency-stay", "polypathology") if one in values(found["response"])] == yes


def member(name: str, role: str, **period: str) -> dict[str, Any]:
    return {"member": {"display": name}, "role": [{"coding": [{"code": role}]}], "period": {"start": "2020-01-01", **period}}


@pytest.mark.parametrize(
    ("members", "known"),
    [
        ([member("Dr Exemple", "PCP", end="2024-01-01"), member("Dr Modèle", "PCP"), member("Une voisine", "ECON")], ["Dr Modèle"]),
        ([member("Une voisine", "ECON")], ["Dr Dossier"]),
    ],
    ids=["the one of the circle who has not left", "the one of the record"],
)
def test_the_inclusion_form_knows_the_general_practitioner(client, members, known):
    circle = {"resourceType": "CareTeam", "id": "c", "status": "active", "subject": {"reference": "Patient/p"}, "participant": members}
    for resource in (PATIENT | {"generalPractitioner": [{"display": "Dr Dossier"}]}, circle):
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    found = named(client.get(f"/Questionnaire/$populate?questionnaire={GUIDE}inclusion-has-2014&subject=Patient/p"))
    assert values(found["response"])["physician"] == known


def test_the_goals_of_a_person_are_repeated(server):
    assert server.put("/Goal/g", GOAL).status_code == 201
    assert server.put("/Goal/h", GOAL | {"id": "h", "description": {"text": "Dormir"}}).status_code == 201
    found = named(server.get(f"/Questionnaire/$populate?questionnaire={GUIDE}goals-and-satisfaction&subject=Patient/p"))
    assert sorted(values(found["response"])["goal"]) == ["Dormir", "Marcher jusqu’au marché"]


def test_a_score_is_explained_in_the_readers_language_where_the_form_is_translated(graded, definitions):
    form = definitions.resolve(f"{GUIDE}scoring-grid")
    criteria = next(one for one in form["item"] if one["linkId"] == "criteria")["item"]
    picked = [{"linkId": one["linkId"], "answer": [{"valueCoding": _plain(one["answerOption"][1]["valueCoding"])}]} for one in criteria]
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": form["url"]}
    sent = parameters(
        {"name": "questionnaire-response", "resource": response | {"item": [{"linkId": "criteria", "item": picked}]}},
    )
    answer = graded.post("/QuestionnaireResponse/$explain-score", sent).json()["parameter"]
    assert answer[0]["valueDecimal"] == len(criteria)
    assert answer[-1]["valueString"].startswith(
        "A disease that progresses or was told recently: Some difficulty or occasional help counts 1; 1 so far.\n"
    )
    french = graded.post("/QuestionnaireResponse/$explain-score", sent, accept_language="fr").json()["parameter"]
    assert french[-1]["valueString"].startswith("Maladie évolutive ou récemment annoncée")


def _plain(coding: dict[str, Any]) -> dict[str, Any]:
    return {name: coding[name] for name in ("system", "code", "display")}

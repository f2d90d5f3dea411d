"""Refusals in the language of Accept-Language (https://www.rfc-editor.org/rfc/rfc9110#name-accept-language)."""

from __future__ import annotations

import pytest

PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:ins", "value": "1"}]}

REFUSED: list[tuple[str, str, object, dict[str, str], int, str]] = [
    ("GET", "/Patient/nobody", None, {}, 404, "Il n’y a pas de Patient d’id 'nobody'"),
    ("GET", "/Patient/p1/_history/9", None, {}, 404, "n’a pas de version 9"),
    ("GET", "/Patient/gone", None, {}, 410, "Patient/gone a été supprimé à la version 2"),
    ("GET", "/Patient/gone/_history/2", None, {}, 410, "est sa suppression"),
    ("GET", "/Pasient", None, {}, 404, "R4 n’a pas de type de ressource 'Pasient'. Vouliez-vous dire"),
    ("GET", "/Patient/p1/$shoes", None, {}, 404, "n’a pas cette opération"),
    ("DELETE", "/metadata", None, {}, 405, "n’est pas possible"),
    ("GET", "/Patient/p1", None, {"accept": "text/csv"}, 406, "ne demande rien que ce serveur écrive"),
    ("POST", "/Patient", b"{}", {"content-type": "text/csv"}, 415, "n’est pas un format de ressources"),
    ("PUT", "/Patient/p1", PATIENT, {"if-match": 'W/"7"'}, 412, "devait avoir la version 7 (If-Match), mais sa version est la 1"),
    ("PUT", "/Patient/p1", PATIENT, {"if-none-match": "*"}, 412, "existe déjà"),
    ("POST", "/Patient", PATIENT, {"if-none-exist": "identifier=urn:ins|1"}, 412, "Plusieurs ressources répondent à Patient?ident"),
    ("PUT", "/Patient/p1", PATIENT | {"id": "p2"}, {}, 400, "ce doit être le même"),
    ("POST", "/Observation", PATIENT, {}, 400, "le corps est de type Patient. Envoyez-le à /Patient."),
    ("POST", "/Patient", b"", {}, 400, "Le corps est vide"),
    ("POST", "/Patient", b'{"resourceType": "Patient"', {}, 400, "n’est pas du JSON bien formé"),
    ("POST", "/Patient", PATIENT | {"birthdate": "1950"}, {}, 400, "Vouliez-vous dire"),
    ("GET", "/Patient?shoe=42", None, {"prefer": "handling=strict"}, 400, "Patient n’a pas de paramètre de recherche 'shoe'"),
    ("GET", "/Patient?birthdate:exact=1950", None, {}, 400, "Le modificateur 'exact' du paramètre de recherche birthdate"),
]  # fmt: skip


@pytest.fixture
def server(client):
    for id_ in ("p1", "p2"):
        client.put(f"/Patient/{id_}", PATIENT | {"id": id_})
    client.put("/Patient/gone", {"resourceType": "Patient", "id": "gone"})
    client.delete("/Patient/gone")
    return client


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def asked(server, method, path, body, headers, language):
    sent = {"content-type": "application/fhir+json", "accept-language": language} | headers
    content = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    return server.request(method, path, headers=sent, **content)


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "said"), REFUSED)
def test_a_refusal_is_said_in_french_to_who_asks_for_it(server, issue_of, method, path, body, headers, status, said):
    french = asked(server, method, path, body, headers, "fr-FR, en;q=0.5")
    english = asked(server, method, path, body, headers, "en")
    assert (french.status_code, english.status_code) == (status, status), french.text
    assert said in plain(issue_of(french)["diagnostics"])
    assert said not in plain(issue_of(english)["diagnostics"])
    assert {**issue_of(french), "diagnostics": ""} == {**issue_of(english), "diagnostics": ""}


def test_so_is_what_a_search_left_out(server):
    bundle = server.get("/Patient?shoe=42", accept_language="fr").json()
    (outcome,) = [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "outcome"]
    assert plain(outcome["issue"][0]["diagnostics"]).endswith("énumère ceux qui existent. Il a été écarté.")


def test_and_why_a_transaction_was_refused_with_its_entry(server, issue_of):
    entry = {"resource": PATIENT, "request": {"method": "PUT", "url": "Patient/p1", "ifMatch": 'W/"7"'}}
    answer = server.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, accept_language="fr")
    assert plain(issue_of(answer)["diagnostics"]).startswith("Bundle.entry[0]: Patient/p1 devait avoir la version 7")


def test_and_why_an_entry_of_a_batch_was(server):
    requests = [{"method": "GET", "url": "Patient/nobody"}, {"method": "PUT", "url": "Patient/p1", "ifMatch": 'W/"7"'}]
    entries = [{"request": requests[0]}, {"request": requests[1], "resource": PATIENT}]
    answer = server.post("/", {"resourceType": "Bundle", "type": "batch", "entry": entries}, accept_language="fr").json()
    said = [plain(one["response"]["outcome"]["issue"][0]["diagnostics"]) for one in answer["entry"]]
    assert said[0].endswith("Il n’y a pas de Patient d’id 'nobody'.")
    assert "devait avoir la version 7" in said[1]

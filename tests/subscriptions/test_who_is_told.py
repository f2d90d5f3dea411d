"""Nobody is told what they may not see, nobody asks for others, and nothing is sent where it may not go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.security.caller import Caller
from fhir_server.security.scope import ALL_PERMISSIONS, Scope
from fhir_server.transfer.importing import Importer
from fhir_server.transfer.source import Document
from tests.access.people import HOSPITAL, care_team, observation, patient
from tests.subscriptions.receiver import Receiver, parts
from tests.subscriptions.server import Server, by_criteria, by_topic
from tests.subscriptions.test_rest_hook import topic

ALL = (Scope("system", "*", ALL_PERMISSIONS),)
PRACTICE = Caller("practice", "practice", ALL, actors=frozenset([("Organization", "practice")]))
OTHER = Caller("other", "other", ALL, actors=frozenset([("Organization", "other")]))


async def world(server: Server) -> None:
    """Two persons; the practice stands in the circle of one."""
    for id_ in ("practice", "other"):
        await server.put({"resourceType": "Organization", "id": id_, "name": id_})
    for id_ in ("seen", "hidden"):
        await server.put(patient(id_))
    await server.put(care_team("c", "seen", "Organization/practice"))


def test_who_may_not_see_a_person_is_told_nothing_of_them(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        await server.made(by_criteria("Observation?status=final", receiver.url, "application/fhir+json"), PRACTICE)
        await server.settled()
        await server.put(observation("theirs", "seen"))
        await server.put(observation("not-theirs", "hidden"))
        await server.settled()
        assert [one.path for one in receiver.came] == ["/told/Observation/theirs"]

    play(scene)


def test_what_is_hidden_between_the_event_and_its_delivery_is_not_sent(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        resource = await server.made(by_criteria("Observation?status=final", receiver.url, "application/fhir+json"), PRACTICE)
        await server.made(by_topic(topic(server, "care-team-changed"), receiver.url, "full-resource"), PRACTICE)
        await server.settled()
        receiver.came.clear()
        await server.put(observation("theirs", "seen"))
        await server.put(care_team("c", "seen", "Organization/practice", "Organization/other"))
        await server.followed()
        await server.put(care_team("c", "seen", "Organization/other"))  # the practice leaves before anything was sent
        await server.delivered()
        assert [one.path for one in receiver.came] == ["/told"], "the notification of the topic; no resource"
        bundle = receiver.came[0].json
        assert [one["valueString"] for one in parts(bundle, "event-number")] == ["1"]
        assert list(parts(bundle, "focus")) == []
        assert len(bundle["entry"]) == 1
        assert "CareTeam" not in receiver.came[0].body.decode()
        (row,) = await server.outbox(destination=f"Subscription/{resource['id']}")
        assert row.note == "not sent: nothing of it is to be seen by its owner any more"

    play(scene)


def test_an_event_whose_focus_is_erased_keeps_its_number_and_nothing_else(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        made = await server.made(by_criteria("Observation?status=final", receiver.url, "application/fhir+json"), PRACTICE)
        await server.settled()
        await server.put(observation("theirs", "seen"))
        await server.followed()
        await server.ask("DELETE", "/Observation/theirs")
        await server.settled()
        assert receiver.came == []
        again = await server.got(f"/Subscription/{made['id']}/$events?content=full-resource", PRACTICE)
        assert [one["valueString"] for one in parts(again, "event-number")] == ["1"]
        assert "resource" not in again["entry"][1]

    play(scene)


def test_who_is_revoked_is_told_nothing_more(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        made = await server.made(by_criteria("Observation?status=final", receiver.url), PRACTICE)
        await server.settled()
        await server.put(observation("one", "seen"))
        await server.followed()
        server.callers.revoked.add("practice")
        await server.delivered()
        assert receiver.came == []
        standing = await server.got(f"/Subscription/{made['id']}")
        assert (standing["status"], standing["error"]) == ("off", "The client that asked for it is let in no more.")

    play(scene)


def test_who_is_revoked_while_nothing_happens_is_off_too(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        made = await server.made(by_criteria("Observation?status=final", receiver.url), PRACTICE)
        await server.settled()
        server.callers.revoked.add("practice")
        server.clock.let_pass(11)
        await server.settled()
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "off"

    play(scene)


def test_a_client_sees_its_own_subscriptions_and_no_others(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        mine = await server.made(by_criteria("Observation?status=final", receiver.url), PRACTICE)
        await server.made(by_criteria("Observation?status=final", receiver.url), OTHER)
        place = f"/Subscription/{mine['id']}"
        assert (await server.got("/Subscription", PRACTICE))["total"] == 1
        assert (await server.got("/Subscription", HOSPITAL))["total"] == 2
        assert (await server.got("/Subscription/$status", PRACTICE))["total"] == 1
        for path in (place, f"{place}/$status", f"{place}/$events", f"{place}/_history"):
            assert (await server.ask("GET", path, caller=PRACTICE)).status_code == 200, path
            assert (await server.ask("GET", path, caller=OTHER)).status_code == 404, path
        assert (await server.ask("PUT", place, mine, caller=OTHER)).status_code == 404
        assert (await server.ask("PUT", place, mine | {"reason": "as before"}, caller=PRACTICE)).status_code == 200
        await server.ask("DELETE", place, caller=OTHER)
        assert (await server.ask("GET", place, caller=PRACTICE)).status_code == 200
        assert (await server.ask("DELETE", place, caller=PRACTICE)).status_code == 204

    play(scene)


def test_who_forges_an_owner_gains_nothing(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        tag = {"system": "https://passerelle.care/owner", "code": "practice"}
        await server.made(by_criteria("Observation?status=final", receiver.url, meta={"tag": [tag]}), OTHER)
        assert (await server.got("/Subscription", PRACTICE))["total"] == 0
        forged = {"resourceType": "Basic", "code": {"text": "x"}, "meta": {"tag": [tag]}}
        await server.made(forged, HOSPITAL)
        assert (await server.got("/Basic", PRACTICE))["total"] == 0

    play(scene)


def test_who_takes_anothers_over_is_told_what_they_see_themselves_without_the_others_secrets(play: Any, receiver: Receiver) -> None:
    """A system that serves the whole of a tenant sees the Subscriptions of others there, not what they see elsewhere."""

    async def scene(server: Server) -> None:
        await world(server)
        asked = by_criteria("Observation?status=final", receiver.url)
        asked["channel"]["header"] = ["Authorization: Bearer of-the-practice"]
        made = await server.made(asked, PRACTICE)
        await server.settled()
        narrow = Caller("clinic", "clinic", (Scope("system", "Subscription", ALL_PERMISSIONS),), whole=True)
        changed = made | {"status": "requested", "reason": "mine now"}
        answer = await server.ask("PUT", f"/Subscription/{made['id']}", changed, caller=narrow)
        assert answer.status_code == 403, "it could not read Observations itself"
        wide = Caller("clinic", "clinic", ALL, whole=True)
        answer = await server.ask("PUT", f"/Subscription/{made['id']}", changed, caller=wide)
        assert answer.status_code == 422, "nobody sends the secrets of another"
        await server.put(changed | {"channel": {"type": "rest-hook", "endpoint": receiver.url}}, wide)
        await server.settled()
        await server.put(observation("one", "hidden"))
        await server.settled()
        assert [one.headers.get("authorization") for one in receiver.came] == [None]
        assert (await server.got("/Subscription", PRACTICE))["total"] == 0

    play(scene)


def test_another_who_ends_it_leaves_it_its_owners(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        made = await server.made(by_criteria("Observation?status=final", receiver.url), PRACTICE)
        await server.settled()
        await server.put(made | {"status": "off"}, HOSPITAL)
        await server.settled()
        await server.put(observation("one", "seen"))
        await server.settled()
        assert receiver.came == []
        assert (await server.got(f"/Subscription/{made['id']}", PRACTICE))["status"] == "off"

    play(scene)


def test_persons_tokens_ask_for_none(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        somebody = Caller("person-seen", "app", (Scope("patient", "*", ALL_PERMISSIONS),), patient="seen")
        doctor = Caller("dr-1", "app", (Scope("user", "*", ALL_PERMISSIONS),), whole=True)
        for caller in (somebody, doctor):
            answer = await server.ask("POST", "/Subscription", by_criteria("Observation?status=final", receiver.url), caller)
            assert answer.status_code == 403
            assert "registered client" in answer.text

    play(scene)


def test_only_what_the_scopes_read_and_search_is_asked_for(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        scopes = (Scope("system", "Subscription", ALL_PERMISSIONS), Scope("system", "Observation", frozenset("r")))
        caller = Caller("reader", "reader", scopes, whole=True)
        for criteria in ("Observation?status=final", "Patient?active=true"):
            answer = await server.ask("POST", "/Subscription", by_criteria(criteria, receiver.url), caller)
            assert answer.status_code == 403, answer.text
            assert "ask for one such as system/" in answer.json()["issue"][0]["diagnostics"], "a token of its own has no scopes of a user"

    play(scene)


ENDPOINTS = (
    "http://169.254.169.254/latest/meta-data", "https://127.0.0.1@evil.example/", "file:///etc/passwd", "http://evil.example/", "",
    "https://10.0.0.1/x", "ftp://127.0.0.1/", "http://localhost.evil.example/",
)  # fmt: skip


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_that_may_not_be_asked_is_refused_with_its_place(play: Any, endpoint: str) -> None:
    async def scene(server: Server) -> None:
        answer = await server.ask("POST", "/Subscription", by_criteria("Patient?active=true", endpoint or "x"))
        assert answer.status_code == 422
        (issue,) = answer.json()["issue"]
        assert issue["expression"] == ["Subscription.channel.endpoint"]

    play(scene)


def test_an_endpoint_that_is_allowed_no_more_is_not_asked(play: Any, receiver: Receiver) -> None:
    async def ask(server: Server) -> str:
        made = await server.made(by_criteria("Patient?active=true", receiver.url))
        await server.settled()
        return str(made["id"])

    async def send(server: Server) -> None:
        await server.made({"resourceType": "Patient", "active": True})
        await server.settled()
        assert receiver.came == []
        (row,) = await server.outbox()
        assert (row.status, row.note) == ("waiting", "it may not be asked (allowed_hosts)")

    play(ask)
    play(send, allowed=("example.org",))


def _filtered(criteria: str) -> dict[str, Any]:
    asked = by_topic("https://passerelle.care/fhir/SubscriptionTopic/care-team-changed", "", filters=(criteria,))
    return {name: asked[name] for name in ("criteria", "_criteria")}


REFUSED = {
    "a search that is not understood": ({"criteria": "Patient?nonsense=1"}, "Subscription.criteria"),
    "a value that cannot be read": ({"criteria": "Patient?birthdate=yesterday"}, "Subscription.criteria"),
    "no search and no topic": ({"criteria": "Patient"}, "Subscription.criteria"),
    "a topic that is not there": ({"criteria": "https://example.org/topic"}, "Subscription.criteria"),
    "of Subscriptions": ({"criteria": "Subscription?status=active"}, "Subscription.criteria"),
    "of the audit trail": ({"criteria": "AuditEvent?action=R"}, "Subscription.criteria"),
    "a type that is not there": ({"criteria": "Patent?active=true"}, "Subscription.criteria"),
    "a filter without a type": (_filtered("patient=Patient/1"), "Subscription.criteria"),
    "a filter of another server": (_filtered("http://example.org/CareTeam?patient=Patient/1"), "Subscription.criteria"),
    "a page": ({"criteria": "Patient?active=true&_count=5"}, "Subscription.criteria"),
    "active from the start": ({"status": "active"}, "Subscription.status"),
    "e-mail": ({"channel": {"type": "email", "endpoint": "mailto:a@example.org"}}, "Subscription.channel.type"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_not_be_served_is_refused_with_its_place(play: Any, receiver: Receiver, case: str) -> None:
    elements, place = REFUSED[case]

    async def scene(server: Server) -> None:
        answer = await server.ask("POST", "/Subscription", by_criteria("Patient?active=true", receiver.url) | elements)
        assert answer.status_code == 422, answer.text
        assert answer.json()["issue"][0]["expression"] == [place]

    play(scene)


@pytest.mark.parametrize(
    "header",
    ["Host: evil.example", "no colon", "X-A: 1\r\nX-B: 2", "Content-Length: 5", "X-É: 1", "Authorization: (kept)"],
    ids=["host", "none", "two", "length", "beyond-ascii", "kept"],
)
def test_a_header_that_would_change_the_request_is_refused(play: Any, receiver: Receiver, header: str) -> None:
    async def scene(server: Server) -> None:
        asked = by_criteria("Patient?active=true", receiver.url)
        asked["channel"]["header"] = [header]
        answer = await server.ask("POST", "/Subscription", asked)
        assert answer.status_code in (400, 422)

    play(scene)


def test_what_is_sent_is_in_the_audit_trail(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await world(server)
        await server.made(by_criteria("Observation?status=final", receiver.url, "application/fhir+json"), PRACTICE)
        await server.settled()
        await server.put(observation("theirs", "seen"))
        await server.settled()
        assert len(receiver.came) == 1
        found = await server.got("/AuditEvent?_count=200", Caller("o", "o", ALL, whole=True, roles=frozenset(["data-protection-officer"])))
        told = [one["resource"] for one in found["entry"] if "notification" in str(one["resource"].get("subtype"))]
        assert any("Observation/theirs" in str(one) and "practice" in str(one["agent"]) for one in told)

    play(scene, audit=True)


def test_what_asks_nothing_is_only_stored(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        for elements in ({}, {"status": "off"}, {"status": "off", "criteria": "anything", "channel": {"header": ["secret: 1"]}}):
            made = await server.made({"resourceType": "Subscription"} | elements)
            assert "secret: 1" not in str(made)
            answer = await server.ask("GET", f"/Subscription/{made['id']}/$status")
            assert answer.status_code == 200, answer.text
            assert (await server.ask("GET", f"/Subscription/{made['id']}/$events")).status_code == 200
        asked = await server.made(by_criteria("Patient?active=true", receiver.url))
        await server.settled()
        stopped = {name: value for name, value in asked.items() if name != "status"}
        await server.put(stopped)
        await server.settled()
        await server.made({"resourceType": "Patient", "active": True})
        await server.settled()
        assert receiver.came == []

    play(scene)


@pytest.mark.parametrize("way", ["resource", "collection", "transaction", "batch"])
def test_an_import_over_a_subscription_leads_nothing_elsewhere(play: Any, receiver: Receiver, way: str) -> None:
    """The file may be of another server, where another has the id."""

    async def scene(server: Server) -> None:
        await world(server)
        made = await server.made(by_criteria("Observation?status=final", receiver.url), PRACTICE)
        await server.settled()
        standing = await server.got(f"/Subscription/{made['id']}")
        other = standing | {"channel": made["channel"] | {"endpoint": f"{receiver.url}/other"}}
        request = {"method": "PUT", "url": f"Subscription/{made['id']}"}
        bundle = {"resourceType": "Bundle", "type": way, "entry": [{"resource": other, "request": request}]}
        importer = Importer(server.parts.interactions)
        content = json.dumps(other if way == "resource" else bundle).encode()
        await importer.load(Document("file", content, is_ndjson=False, is_xml=False, size=len(content)))
        assert (importer.tally.stored, importer.tally.refusals) == (1, [])
        await server.put(observation("theirs", "seen"))
        await server.settled()
        assert receiver.came == []
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "off"

    play(scene)


WAYS = ("transaction", "batch", "update", "conditional create", "patch")


@pytest.mark.parametrize("way", WAYS)
def test_whatever_writes_it_its_rules_hold(play: Any, receiver: Receiver, way: str) -> None:
    """A place that is allowed is accepted, another is not, and a secret is not shown."""

    async def write(server: Server, endpoint: str) -> int:
        asked = by_criteria("Patient?active=true", endpoint)
        asked["channel"]["header"] = ["Authorization: Bearer s3cret"]
        if way in ("transaction", "batch"):
            entry = {"resource": asked, "request": {"method": "POST", "url": "Subscription"}}
            answer = await server.ask("POST", "/", {"resourceType": "Bundle", "type": way, "entry": [entry]})
            outcome = answer.json()
            return int(outcome["entry"][0]["response"]["status"][:3]) if answer.status_code == 200 else answer.status_code
        if way == "update":
            return (await server.ask("PUT", "/Subscription/mine", asked | {"id": "mine"})).status_code
        if way == "conditional create":
            headers = {"if-none-exist": f"url={endpoint}"}
            return (await server.ask("POST", "/Subscription", asked, **headers)).status_code
        await server.put(by_criteria("Patient?active=true", receiver.url, id="mine"))
        operations = [{"op": "replace", "path": "/channel/endpoint", "value": endpoint}]
        headers = {"content-type": "application/json-patch+json"}
        return (await server.ask("PATCH", "/Subscription/mine", operations, **headers)).status_code

    async def scene(server: Server) -> None:
        assert await write(server, "https://evil.example/") == 422
        assert await write(server, f"{receiver.url}/here") in (200, 201)
        found = await server.ask("GET", "/Subscription/_history")
        assert "s3cret" not in found.text
        assert "evil" not in found.text
        await server.settled()
        await server.made({"resourceType": "Patient", "active": True})
        await server.settled()
        assert [one.path for one in receiver.came] == ["/told/here"]

    play(scene)

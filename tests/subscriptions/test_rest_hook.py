"""From a change to who asked to know, on each store, over HTTP to a receiver that is really there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.subscriptions.receiver import Receiver, parameter, parts
from tests.subscriptions.server import Server, by_criteria, by_topic

CIRCLE = "care-team-changed"


def patient(family: str = "Martin", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "name": [{"family": family}]} | elements


def topic(server: Server, name: str) -> str:
    return next(url for url in server.parts.topics if url.endswith(name))


def circle(*members: str, id_: str = "circle") -> dict[str, Any]:
    participants = [{"member": {"reference": one}} for one in members]
    return {
        "resourceType": "CareTeam", "id": id_, "status": "active", "subject": {"reference": "Patient/p"}, "participant": participants,
    }  # fmt: skip


async def with_circle(server: Server) -> None:
    await server.put(patient(id="p"))
    for name in "abc":
        await server.put({"resourceType": "Practitioner", "id": name})
    await server.put(circle("Practitioner/a"))


def test_what_matches_is_told_without_content_where_no_payload_is_asked(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        made = await server.made(by_criteria("Patient?family=Martin", receiver.url))
        assert made["status"] == "requested"
        await server.settled()
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"
        await server.made(patient())
        await server.made(patient("Bernard"))
        await server.settled()
        assert [(one.method, one.path, one.body) for one in receiver.came] == [("POST", "/told", b"")]

    play(scene)


@pytest.mark.parametrize("payload", ["application/fhir+json", "application/fhir+xml"])
def test_what_matches_is_put_below_the_endpoint_where_a_payload_is_asked(play: Any, receiver: Receiver, payload: str) -> None:
    async def scene(server: Server) -> None:
        await server.made(by_criteria("Patient?family=Martin", receiver.url, payload))
        await server.settled()
        found = await server.made(patient())
        await server.settled()
        (came,) = receiver.came
        assert (came.method, came.path, came.headers["content-type"]) == ("PUT", f"/told/Patient/{found['id']}", payload)
        assert b"Martin" in came.body

    play(scene)


def test_a_topic_begins_with_a_handshake_and_its_events_are_numbered(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.put(circle("Practitioner/a", "Practitioner/b"))  # before it is active: not told
        await server.settled()
        assert receiver.kinds() == ["handshake"]
        assert parameter(receiver.came[0].json, "status")["valueCode"] == "requested"
        await server.put(circle("Practitioner/a"))
        await server.put(circle("Practitioner/a", "Practitioner/c"))
        await server.settled()
        assert receiver.kinds()[1:] == ["event-notification"] * 2
        assert receiver.events() == [1, 2]
        last = receiver.came[-1].json
        assert [one["valueReference"]["reference"] for one in parts(last, "focus")] == ["http://testserver/fhir/CareTeam/circle"]
        assert parameter(last, "events-since-subscription-start")["valueString"] == "2"
        assert len(last["entry"]) == 1, "only ids were asked for"
        outcome = server.parts.validator.validate(last)
        assert not [one for one in outcome if one.severity in ("error", "fatal") and "backport" not in one.diagnostics], outcome
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"

    play(scene)


def test_a_handshake_that_fails_is_told_at_once_and_tried_again(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        receiver.status = lambda came: 503
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.settled()
        stands = await server.got(f"/Subscription/{made['id']}")
        assert (stands["status"], stands["error"]) == ("error", "The endpoint cannot be told: answered 503.")
        receiver.status = lambda came: 200
        server.clock.let_pass(60)
        await server.settled()
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"
        assert receiver.kinds() == ["handshake", "handshake"]

    play(scene)


def test_a_rest_hook_needs_an_endpoint(play: Any) -> None:
    async def scene(server: Server) -> None:
        asked = by_criteria("Patient?family=Martin", "") | {"channel": {"type": "rest-hook"}}
        answer = await server.ask("POST", "/Subscription", asked)
        assert answer.status_code == 422
        assert answer.json()["issue"][0]["expression"] == ["Subscription.channel.endpoint"]
        assert "needs an endpoint" in answer.text

    play(scene)


def test_the_headers_of_a_channel_are_sent_and_never_shown(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        asked = by_criteria("Patient?family=Martin", receiver.url)
        asked["channel"]["header"] = ["Authorization: Bearer secret-of-the-practice", "X-Site: 7"]
        made = await server.made(asked)
        shown = [await server.ask("GET", path) for path in ("/Subscription", f"/Subscription/{made['id']}/_history", "/_history")]
        assert all("secret-of-the-practice" not in one.text for one in shown)
        assert made["channel"]["header"] == ["Authorization: (kept)", "X-Site: (kept)"]
        await server.settled()
        active = await server.got(f"/Subscription/{made['id']}")
        await server.put(active | {"reason": "written back as it was read"})
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"
        await server.made(patient())
        await server.settled()
        assert receiver.came[0].headers["authorization"] == "Bearer secret-of-the-practice"
        assert receiver.came[0].headers["x-site"] == "7"

    play(scene)


def test_full_resources_come_with_what_the_topic_includes(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.made(by_topic(topic(server, CIRCLE), receiver.url, "full-resource"))
        await server.settled()
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.settled()
        bundle = receiver.came[-1].json
        assert parameter(bundle, "topic")["valueCanonical"] == topic(server, CIRCLE)
        assert "Practitioner/b" in str(bundle["entry"][1]["resource"])
        assert {one["fullUrl"].rpartition("/fhir/")[2] for one in bundle["entry"][1:]} >= {"CareTeam/circle", "Patient/p"}

    play(scene)


def test_several_events_come_together_as_many_as_are_asked(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.made(by_topic(topic(server, CIRCLE), receiver.url, "empty", max_count=2))
        await server.settled()
        for members in ("ab", "a", "abc"):
            await server.put(circle(*(f"Practitioner/{one}" for one in members)))
        await server.settled()
        assert [len(list(parts(one.json, "event-number"))) for one in receiver.came[1:]] == [2, 1]
        assert receiver.events() == [1, 2, 3]
        assert "focus" not in receiver.came[-1].body.decode()
        assert topic(server, CIRCLE) not in receiver.came[-1].body.decode()

    play(scene)


def test_a_topic_is_narrowed_by_filters(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.put(patient(id="q"))
        await server.put(circle("Practitioner/a", id_="other") | {"subject": {"reference": "Patient/q"}})
        await server.made(by_topic(topic(server, CIRCLE), receiver.url, filters=("CareTeam?patient=Patient/q",)))
        await server.settled()
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.put(circle("Practitioner/b", id_="other") | {"subject": {"reference": "Patient/q"}})
        await server.settled()
        assert [one["valueReference"]["reference"].rpartition("/")[2] for one in parts(receiver.came[-1].json, "focus")] == ["other"]
        assert receiver.events() == [1]

    play(scene)


def test_what_was_missed_is_asked_for_again(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.settled()
        receiver.status = lambda came: 404
        for members in ("ab", "a", "abc"):
            await server.put(circle(*(f"Practitioner/{one}" for one in members)))
        await server.settled()
        place = f"/Subscription/{made['id']}"
        status = (await server.got(f"{place}/$status"))["entry"][0]["resource"]
        told = {one["name"]: one for one in status["parameter"]}
        assert told["status"]["valueCode"] == "error"
        assert told["events-since-subscription-start"]["valueString"] == "3"
        assert "404" in told["error"]["valueCodeableConcept"]["text"]
        again = await server.got(f"{place}/$events?eventsSinceNumber=2&content=full-resource")
        assert [one["valueString"] for one in parts(again, "event-number")] == ["2", "3"]
        assert again["entry"][1]["resource"]["resourceType"] == "CareTeam"
        only = await server.got(f"{place}/$events?eventsSinceNumber=1&eventsUntilNumber=1")
        assert [one["valueString"] for one in parts(only, "event-number")] == ["1"]
        listed = await server.got("/Subscription/$status?status=error&status=off")
        assert listed["total"] == 1
        assert (await server.got("/Subscription/$status?status=active"))["total"] == 0
        assert (await server.got(f"/Subscription/$status?id={made['id']}&id=none"))["total"] == 1

    play(scene)


def test_an_endpoint_that_fails_is_an_error_until_it_answers_and_nothing_is_lost(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.settled()
        receiver.status = lambda came: 503
        await server.put(circle("Practitioner/a", "Practitioner/b"))
        await server.put(circle("Practitioner/b"))
        for _ in range(4):
            await server.settled()
            server.clock.let_pass(3600)
        standing = await server.got(f"/Subscription/{made['id']}")
        assert (standing["status"], standing["error"]) == ("error", "The endpoint cannot be told: answered 503.")
        receiver.status = lambda came: 200
        receiver.came.clear()
        for _ in range(3):
            await server.settled()
            server.clock.let_pass(3600)
        assert receiver.events() == [1, 2]
        standing = await server.got(f"/Subscription/{made['id']}")
        assert (standing["status"], standing.get("error")) == ("active", None)

    play(scene, failures=3, first_pause=1)


def test_an_endpoint_that_does_not_answer_in_time_has_failed(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        receiver.seconds = 1.5
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url, timeout=1))
        await server.settled()
        (row,) = await server.outbox()
        assert (row.status, row.note) == ("waiting", "no answer")
        receiver.seconds = 0
        server.clock.let_pass(60)
        await server.settled()
        assert (await server.got(f"/Subscription/{made['id']}"))["status"] == "active"

    play(scene)


def test_a_sign_of_life_comes_where_nothing_else_was_told(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        await server.made(by_topic(topic(server, CIRCLE), receiver.url, heartbeat_period=60))
        await server.settled()
        server.clock.let_pass(40)
        await server.put(circle("Practitioner/b"))
        await server.settled()
        server.clock.let_pass(40)
        await server.settled()
        assert receiver.kinds() == ["handshake", "event-notification"], "an event was told within the period"
        server.clock.let_pass(30)
        await server.settled()
        assert receiver.kinds()[-1] == "heartbeat"
        assert parameter(receiver.came[-1].json, "events-since-subscription-start")["valueString"] == "1"
        receiver.status = lambda came: 503
        for _ in range(5):
            server.clock.let_pass(61)
            await server.settled()
        assert len(await server.outbox(status="waiting")) == 1, "signs of life do not pile up"

    play(scene)


def test_its_life_ends_when_its_time_is_over_or_its_client_says_so(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        short = await server.made(by_criteria("Patient?family=Martin", receiver.url, end="2100-01-01T00:00:00Z"))
        stopped = await server.made(by_criteria("Patient?family=Martin", receiver.url))
        gone = await server.made(by_criteria("Patient?family=Martin", receiver.url))
        await server.settled()
        active = await server.got(f"/Subscription/{stopped['id']}")
        await server.put(active | {"status": "off"})
        await server.ask("DELETE", f"/Subscription/{gone['id']}")
        server.clock.let_pass(100 * 365 * 86_400)
        await server.settled()
        assert (await server.got(f"/Subscription/{short['id']}"))["status"] == "off"
        await server.made(patient())
        await server.settled()
        assert receiver.came == []
        await server.put(active | {"status": "requested"})
        await server.settled()
        await server.made(patient())
        await server.settled()
        assert len(receiver.came) == 1

    play(scene)


@pytest.mark.parametrize("asks", ["criteria", "topic"])
def test_one_whose_time_is_over_already_is_refused(play: Any, receiver: Receiver, asks: str) -> None:
    async def scene(server: Server) -> None:
        plain = by_criteria("Patient?family=Martin", receiver.url) if asks == "criteria" else by_topic(topic(server, CIRCLE), receiver.url)
        answer = await server.ask("POST", "/Subscription", plain | {"end": "2020-01-01T00:00:00Z"})
        assert answer.status_code == 422
        (issue,) = answer.json()["issue"]
        assert issue["expression"] == ["Subscription.end"]
        assert "a later time" in issue["diagnostics"]
        made = await server.made(plain | {"end": "2100-01-01T00:00:00Z"})
        await server.settled()
        server.clock.let_pass(100 * 365 * 86_400)
        assert (await server.ask("PUT", f"/Subscription/{made['id']}", made)).status_code == 422
        await server.put(made | {"status": "off"})

    play(scene)


def test_where_it_goes_changed_it_begins_anew(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.settled()
        active = await server.got(f"/Subscription/{made['id']}")
        changed = await server.put(active | {"channel": active["channel"] | {"endpoint": receiver.url + "/elsewhere"}})
        assert changed["status"] == "requested"
        await server.settled()
        assert [one.path for one in receiver.came] == ["/told", "/told/elsewhere"]
        assert receiver.kinds() == ["handshake", "handshake"]

    play(scene)


def test_each_subscription_is_a_destination_of_the_exchange(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await with_circle(server)
        made = await server.made(by_topic(topic(server, CIRCLE), receiver.url))
        await server.settled()
        name = f"Subscription/{made['id']}"
        await server.parts.store.outbox.pause(name)
        await server.put(circle("Practitioner/b"))
        await server.settled()
        assert receiver.events() == []
        await server.parts.store.outbox.resume(name)
        receiver.status = lambda came: 410
        await server.settled()
        (dead,) = await server.outbox(status="dead")
        assert (dead.destination, dead.note) == (name, "answered 410")
        assert b"circle" not in dead.body, "the outbox says which event, not what it is"
        receiver.status = lambda came: 200
        answer = await server.ask("POST", f"/_exchange/_replay?status=dead&destination={name}")
        assert answer.json() == {"replayed": 1}
        await server.settled()
        assert receiver.events()[-1] == 1

    play(scene)

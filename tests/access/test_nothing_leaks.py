"""No answer tells two databases apart that differ only in what the caller may not see.

The same requests are answered before something hidden is stored, with it, and after it was deleted; all three answers are to be equal,
byte by byte but for what is random in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fhir_server.security.caller import OPEN, Caller
from tests.access.conftest import Server
from tests.access.people import care_team, consent, observation, patient, person, professional, reference, referral, task

Resource = dict[str, Any]
WORDS = ("fall", "pain", "oxygen")
DATES = ("2024-01-01", "2024-06", "2025-03-04T05:06:07Z")
HIDING = ({}, {"meta": {"security": [{"code": "MASQUE_PS"}]}})


class World:
    """One caller with one person (`p`) in their circle; `h` is somebody else. Names are new for each example, so that one database does."""

    count = 0

    def __init__(self) -> None:
        World.count += 1
        self.suffix = f"-{World.count}"
        self.gp = professional(self.named("Practitioner/gp"))
        self.p, self.h = (f"{name}{self.suffix}" for name in ("p", "h"))

    def named(self, place: str) -> str:
        return place + self.suffix

    def shared(self, drawn: list[tuple[int, str, str]]) -> list[Resource]:
        found = [patient(self.p, name=[{"family": "Martin"}]), care_team(self.named("t"), self.p, self.named("Practitioner/gp"))]
        found += [self.one(f"s{number}", self.p, *parts) for number, parts in enumerate(drawn)]
        return [*found, {"resourceType": "Encounter", "id": self.named("stay"), "status": "finished", "class": {"code": "IMP"},
                         "subject": reference(f"Patient/{self.p}"), "partOf": reference(self.named("Encounter/hidden"))}]  # fmt: skip

    def hidden(self, drawn: list[tuple[int, str, str]]) -> list[Resource]:
        """Another person's record, with references both ways between it and what is seen; and what is masked of the seen one's."""
        found = [patient(self.h, name=[{"family": "Martin"}], link=[{"other": reference("Patient/elsewhere"), "type": "seealso"}])]
        found += [self.one(f"h{number}", self.h, *parts) for number, parts in enumerate(drawn)]
        found += [self.one(f"m{number}", self.p, *parts) | HIDING[1] for number, parts in enumerate(drawn)]
        encounter = {"resourceType": "Encounter", "id": self.named("hidden"), "status": "finished", "class": {"code": "IMP"},
                     "subject": reference(f"Patient/{self.h}")}  # fmt: skip
        listed = {"resourceType": "List", "id": self.named("list"), "status": "current", "mode": "working",
                  "subject": reference(f"Patient/{self.h}"), "entry": [{"item": reference(self.named("Observation/s0"))}]}  # fmt: skip
        provenance = {"resourceType": "Provenance", "id": self.named("prov"), "target": [reference(self.named("Observation/s0"))],
                      "recorded": "2025-01-01T00:00:00Z", "agent": [{"who": reference("Practitioner/x")}]}  # fmt: skip
        others = [referral(self.named("sr"), self.h, "Organization/other"), task(self.named("task"), "requested", "Organization/other",
                  self.named("ServiceRequest/sr"), self.h), consent(self.named("c"), self.h, "permit", "Practitioner/other")]  # fmt: skip
        return [*found, encounter, listed, provenance, *others]

    def one(self, id_: str, subject: str, kind: int, word: str, date: str) -> Resource:
        about = reference(f"Patient/{subject}")
        if kind == 0:
            focus = {"hasMember": [reference(self.named("Observation/h0"))]}
            code = {"coding": [{"system": "urn:words", "code": word}], "text": word}
            return observation(self.named(id_), subject, effectiveDateTime=date, **focus) | {"code": code}
        if kind == 1:
            return {"resourceType": "Condition", "id": self.named(id_), "subject": about, "code": {"text": word}, "recordedDate": date}
        return {
            "resourceType": "CarePlan", "id": self.named(id_), "status": "active", "intent": "plan", "subject": about, "title": word,
            "period": {"start": date}, "careTeam": [reference(self.named("CareTeam/t"))],
        }  # fmt: skip


def requests(world: World) -> list[str]:
    """What is asked by GET; what stands there of both persons is in requests.txt."""
    text = Path(__file__).with_name("requests.txt").read_text(encoding="utf-8")
    return text.replace("<p>", world.p).replace("<h>", world.h).replace("<n>", world.suffix).split("\n")[:-1]


def is_search(path: str) -> bool:
    return "$" not in path and "_history" not in path and (path.endswith("*") or "?" in path or "/" not in path)


Request = tuple[str, str, Any, dict[str, str]]
PATCH = {"content_type": "application/json-patch+json"}
TAG = {"tag": [{"code": "x"}]}


def writes(world: World) -> list[Request]:
    """What aims at something hidden: as if it were not there, and without effect."""
    h, o = f"Patient/{world.h}", world.named("Observation/h0")
    stays = [
        ("PUT", f"/{h}", patient(world.h, active=True), {}),
        ("PUT", f"/{h}", patient(world.h, active=True), {"if_match": 'W/"1"'}),
        ("PUT", f"/{h}", patient(world.h), {"if_none_match": "*"}),
        ("DELETE", f"/{h}", None, {}),
        ("DELETE", f"/{o}", None, {"if_match": 'W/"1"'}),
        ("DELETE", f"/Observation?_id={world.named('h0')}", None, {}),
        ("PATCH", f"/{o}", [{"op": "replace", "path": "/status", "value": "amended"}], PATCH),
        ("PATCH", f"/Observation?_id={world.named('h0')}", [{"op": "remove", "path": "/status"}], PATCH),
        ("PUT", f"/Patient?_id={world.h}", patient(world.h, active=True), {}),
        ("POST", "/Patient", patient("x"), {"if_none_exist": f"_id={world.h}"}),
        ("POST", "/Observation", observation("x", world.h), {}),
        ("POST", "/CareTeam", care_team("x", world.h, world.named("Practitioner/gp")), {}),
        ("POST", "/Consent", consent("x", world.h, "permit", world.named("Practitioner/gp")), {}),
        ("POST", "/ServiceRequest", referral("x", world.p, world.named("Practitioner/gp"), supportingInfo=[reference(o)]), {}),
        ("POST", "/Patient", patient("x", link=[{"other": reference(h), "type": "seealso"}]), {}),
        ("POST", f"/{h}/$meta-add", {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": TAG}]}, {}),
    ]  # fmt: skip
    entries = [
        {"request": {"method": "GET", "url": h}},
        {"request": {"method": "GET", "url": f"Observation?subject={h}"}},
        {"request": {"method": "PUT", "url": h}, "resource": patient(world.h)},
        {"request": {"method": "DELETE", "url": o}},
        {"request": {"method": "POST", "url": "Patient", "ifNoneExist": f"_id={world.h}"}, "resource": patient("x")},
    ]
    stays += [("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries}, {})]
    stays += [("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [one]}, {}) for one in entries]
    return stays


def of_another(world: World) -> list[str]:
    """What a person asks about somebody else; what is masked from professionals is not masked from them."""
    return [f"Patient/{world.h}", f"Observation?patient={world.h}", "Patient", f"Patient?_id={world.h}", f"Patient/{world.h}/$everything"]


def shown(answer: httpx.Response) -> Any:
    """What a client can tell of an answer; what is random in it is blotted out."""
    text = re.sub(r"_page=[\w%.\-]+", "_page=", answer.text)
    text = re.sub(r'"(lastUpdated|timestamp)":"[^"]*"', r'"\1":""', text)
    body = re.sub(r'"id":"[0-9a-f]{8}-[^"]*"', '"id":""', text)
    kept = {name: answer.headers.get(name) for name in ("etag", "location", "content-location", "www-authenticate", "allow")}
    return answer.status_code, body, kept


def all_pages(server: Server, caller: Caller, path: str) -> Iterator[Any]:
    for _ in range(4):
        answer = server.get(caller, path)
        yield shown(answer)
        links = answer.json().get("link", ()) if answer.headers["content-type"].startswith("application/fhir+json") else ()
        following = next((one["url"] for one in links if one["relation"] == "next"), None)
        if following is None:
            return
        path = following.removeprefix(server.BASE)


def asked(server: Server, world: World) -> dict[str, Any]:
    found = {path: list(all_pages(server, world.gp, f"/{quote(path, safe='/?&=:,$|*')}")) for path in requests(world)}
    found |= {f"person {path}": [shown(server.get(person(world.p), f"/{path}"))] for path in of_another(world)}
    for number, (method, path, body, headers) in enumerate(writes(world)):
        found[f"{number} {method} {path}"] = shown(server.ask(world.gp, method, path, body, **headers))
    return found


def told_apart(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {request: (answer, other[request]) for request, answer in one.items() if other[request] != answer}


def delete(server: Server, resources: list[Resource]) -> None:
    entries = [{"request": {"method": "DELETE", "url": f"{one['resourceType']}/{one['id']}"}} for one in resources]
    assert server.ask(OPEN, "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).status_code == 200


def state(server: Server, resources: list[Resource]) -> list[str]:
    return [server.get(OPEN, f"/{one['resourceType']}/{one['id']}").text for one in resources]


DRAWN = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(WORDS), st.sampled_from(DATES)), min_size=1, max_size=4)


@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DRAWN.map(lambda drawn: [(0, *drawn[0][1:]), *drawn]), DRAWN.map(lambda drawn: [(0, *drawn[0][1:]), *drawn]))
def test_what_is_hidden_changes_no_answer(server: Server, seen: list[Any], unseen: list[Any]) -> None:
    world = World()
    hidden = world.hidden(unseen)
    server.store(*world.shared(seen))
    without = asked(server, world)
    server.store(*hidden)
    before = state(server, hidden)
    assert told_apart(without, asked(server, world)) == {}
    assert state(server, hidden) == before, "a refused write had an effect"
    delete(server, hidden)
    assert told_apart(without, asked(server, world)) == {}


def test_the_requests_tell_the_two_apart_for_who_sees_all(server: Server) -> None:
    """Else the property would hold for nothing."""
    world = World()
    drawn = [(0, "fall", DATES[0])]
    server.store(*world.shared(drawn))
    paths = [path for path in requests(world) if is_search(path)]
    without = {path: shown(server.get(OPEN, f"/{quote(path, safe='/?&=:,$|*')}")) for path in paths}
    server.store(*world.hidden(drawn))
    changed = [path for path in paths if shown(server.get(OPEN, f"/{quote(path, safe='/?&=:,$|*')}")) != without[path]]
    assert len(changed) > len(paths) * 0.6, sorted(set(paths) - set(changed))

"""What HL7 v2 partners are told of changes: in the same commit, once, never what they said themselves, only what their client may read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.answer import Answer
from adapters.hl7v2.acknowledgement import Header, acknowledge, acknowledgement_code
from adapters.hl7v2.adt import local_now
from adapters.hl7v2.client import send
from adapters.hl7v2.listener import hl7v2_listener
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import frame
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from fhir_server.access import AccessDesk, GuardedStore
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.delivery import delivering
from fhir_server.fhir_base import fhir_service
from fhir_server.hospital import StoreInbox, hospital
from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import Resource
from fhir_server.partners import partners_of
from fhir_server.security.client import Client
from fhir_server.settings import Settings, SettingsError
from fhir_server.store.outbox import OutboxFilter, OutboxRow
from fhir_server.store.store import Store
from tests.exchange.partner_table import ALL, TABLE
from tests.hl7v2.test_server import exchange

IPP = {"use": "usual", "system": "https://passerelle.care/fhir/sid/pi/CHU-EXEMPLE", "value": "700123"}
PERSON: Resource = {
    "resourceType": "Patient",
    "identifier": [IPP],
    "name": [{"use": "official", "family": "TESTEUSE", "given": ["Jeanne"]}],
    "gender": "female",
    "birthDate": "1940-03-17",
}
Opened = Callable[..., Parts]


@pytest.fixture
def opened(store: Store, definitions: Definitions, tmp_path: Path) -> Opened:
    """`opened(sends=[...], port=9, more="")`: the server with one partner."""

    def open_(sends: list[str] = ALL, port: int = 9, more: str = "", **settings: Any) -> Parts:
        file = tmp_path / "destinations.toml"
        file.write_text(TABLE.format(port=port, sends=sends, more=more))
        return put_together(definitions, store, Settings(data=tmp_path, destinations=file, deliver="on", **settings))

    return open_


async def told(parts: Parts) -> list[tuple[str, str]]:
    """What stands in the outbox: the key, and MSH-9 (or why there is none)."""
    rows = await parts.store.outbox.find(OutboxFilter())
    return [(row.key, kind(row)) for row in rows]


def kind(row: OutboxRow) -> str:
    if row.content_type != "application/hl7-v2":
        return row.body.decode()
    header = Message.parse(row.body).header
    return f"{header.text(9)}^{header.text(9, 2)}"


async def created(parts: Parts, **more: Any) -> Resource:
    outcome = await parts.interactions.create("Patient", {**PERSON, **more})
    assert outcome.stored is not None
    found = await parts.endpoint.read("Patient", outcome.stored.id)
    assert found is not None
    return found


async def updated(parts: Parts, resource: Resource, **more: Any) -> Resource:
    """With everything else as it stands."""
    stands = await parts.endpoint.read(resource["resourceType"], resource["id"])
    await parts.interactions.update(resource["resourceType"], resource["id"], {**(stands or {}), **more})
    return await parts.endpoint.read(resource["resourceType"], resource["id"]) or {}


def test_a_person_is_told_when_new_and_when_what_the_partner_reads_changed(opened: Opened, run: Any) -> None:
    parts = opened()

    async def scene() -> None:
        person = await created(parts)
        place = f"Patient/{person['id']}"
        await updated(parts, person, birthDate="1940-03-18")
        await updated(parts, person, birthDate="1940-03-18")  # stands already
        await updated(parts, person, maritalStatus={"text": "veuve"})  # in no field
        await updated(parts, person, gender="other")
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [(row.key, kind(row)) for row in rows] == [
            (f"{place}/1", "ADT^A28"), (f"{place}/2", "ADT^A31"), (f"{place}/4", "ADT^A31"),
        ]  # fmt: skip
        assert {(row.destination, row.lane, row.about) for row in rows} == {("gam", place, "")}
        header = Message.parse(rows[0].body).header
        assert [header.text(number) for number in (3, 4, 5, 6, 11)] == ["PASSERELLE", "DAC-EXEMPLE", "GAM", "CHU-EXEMPLE", "P"]
        assert len({Message.parse(row.body).header.text(10) for row in rows}) == 3
        assert Message.parse(rows[1].body).first("PID").text(7) == "19400318"  # type: ignore[union-attr]

    run(scene())


@pytest.mark.parametrize(
    ("sends", "expected"),
    [([], []), (["ADT^A28"], ["ADT^A28"]), (["ADT^A31"], ["ADT^A31"]), (["MDM^T02", "MDM^T10"], []), (ALL, ["ADT^A28", "ADT^A31"])],
)
def test_a_partner_is_told_what_its_table_lists(sends: list[str], expected: list[str], opened: Opened, run: Any) -> None:
    parts = opened(sends)

    async def scene() -> None:
        await updated(parts, await created(parts), gender="other")
        assert [kind_ for _, kind_ in await told(parts)] == expected

    run(scene())


def test_a_record_that_was_merged_into_another_is_told_no_more(opened: Opened, run: Any) -> None:
    parts = opened()

    async def scene() -> None:
        kept, given_up = await created(parts), await created(parts, identifier=[{**IPP, "value": "9"}])
        link = [{"type": "replaced-by", "other": {"reference": f"Patient/{kept['id']}"}}]
        await updated(parts, given_up, active=False, link=link, gender="other")
        assert [kind_ for _, kind_ in await told(parts)] == ["ADT^A28", "ADT^A28"]

    run(scene())


def test_a_merge_is_told_once_with_both_numbers(opened: Opened, run: Any) -> None:
    parts = opened([*ALL, "ADT^A40"])

    async def scene() -> None:
        kept, given_up = await created(parts), await created(parts, identifier=[{**IPP, "value": "9"}])
        link = [{"type": "replaced-by", "other": {"reference": f"Patient/{kept['id']}"}}]
        await updated(parts, given_up, active=False, link=link)
        await updated(parts, given_up, active=False, link=link, gender="other")
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [kind(row) for row in rows] == ["ADT^A28", "ADT^A28", "ADT^A40"]
        message = Message.parse(rows[-1].body)
        assert (message.text("PID", 3), message.text("MRG", 1), message.text("MRG", 7)) == ("700123", "9", "TESTEUSE")
        assert rows[-1].lane == f"Patient/{given_up['id']}"
        await parts.interactions.update("Patient", given_up["id"], given_up)  # as `passerelle person unmerge` leaves it
        assert [kind_ for _, kind_ in await told(parts)][-1] == "ADT^A28"

    run(scene())


def test_a_record_given_up_for_one_that_is_not_here_is_a_dead_letter_that_says_so(opened: Opened, run: Any) -> None:
    parts = opened(["ADT^A40"])

    async def scene() -> None:
        await created(parts, link=[{"type": "replaced-by", "other": {"reference": "Patient/elsewhere"}}])
        (row,) = await parts.store.outbox.find(OutboxFilter())
        assert kind(row) == "required Patient.identifier.value"

    run(scene())


@pytest.mark.parametrize("sends", [["ADT^A29"], ["ADT^A28"]])
def test_a_record_that_is_deleted_is_told_once(sends: list[str], opened: Opened, run: Any) -> None:
    parts = opened(sends)

    async def scene() -> None:
        person = await created(parts)
        for _ in range(2):
            await parts.interactions.delete("Patient", person["id"])
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [(row.key, kind(row)) for row in rows] == [(f"Patient/{person['id']}/{2 if sends == ['ADT^A29'] else 1}", sends[0])]
        assert Message.parse(rows[0].body).text("PID", 3) == "700123"

    run(scene())


def test_a_commit_that_is_refused_tells_nobody(opened: Opened, run: Any) -> None:
    parts = opened()

    async def scene() -> None:
        person = await created(parts)
        with pytest.raises(FhirError):
            await parts.interactions.update("Patient", person["id"], {**person, "gender": "other"}, 'W/"7"')
        entries: list[Resource] = [
            {"resource": dict(PERSON), "request": {"method": "POST", "url": "Patient"}},
            {"resource": {**person, "gender": "male"}, "request": {"method": "PUT", "url": f"Patient/{person['id']}", "ifMatch": 'W/"7"'}},
        ]  # fmt: skip
        with pytest.raises(FhirError):
            await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert [kind_ for _, kind_ in await told(parts)] == ["ADT^A28"]

    run(scene())


def test_of_many_who_change_one_person_at_once_every_version_is_told_once(opened: Opened, run: Any) -> None:
    parts = opened()

    async def scene() -> None:
        person = await created(parts)
        days = [f"1940-04-{day:02}" for day in range(1, 21)]
        await asyncio.gather(*(parts.interactions.update("Patient", person["id"], {**person, "birthDate": day}) for day in days))
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [row.key for row in rows] == [f"Patient/{person['id']}/{version}" for version in range(1, 22)]
        for row in rows[1:]:
            version = await parts.interactions.vread("Patient", person["id"], row.key.rpartition("/")[2])
            born = Message.parse(row.body).first("PID").text(7)  # type: ignore[union-attr]
            assert f'"birthDate":"{born[:4]}-{born[4:6]}-{born[6:]}"'.encode() in (version.content or b"")

    run(scene())


def test_what_a_hospital_says_is_told_to_others_and_never_to_itself(opened: Opened, message: Callable[..., bytes], run: Any) -> None:
    parts = opened()
    admission = message("a01_admission")
    own = admission.replace(b"DPI-EXEMPLE|CHU-EXEMPLE|", b"GAM|CHU-EXEMPLE|", 1)
    assert own != admission

    async def scene() -> None:
        async with hl7v2_listener(parts.endpoint, StoreInbox(parts.store.inbox), port=0) as server:
            assert acknowledgement_code(await send(own, port=server.port)) == "AA"
            assert await told(parts) == []
            again = admission.replace(b"|M0001|", b"|M0002|")
            assert acknowledgement_code(await send(again, port=server.port)) == "AA"
            assert await told(parts) == []  # another says the same: the partner would read nothing new
            moved = admission.replace(b"|M0001|", b"|M0003|")
            moved = moved.replace(b"ADT^A01^ADT_A01", b"ADT^A31^ADT_A05").replace(b"0599990001", b"0599990009")
            assert acknowledgement_code(await send(moved, port=server.port)) == "AA"
        assert [kind_ for _, kind_ in await told(parts)] == ["ADT^A31"]

    run(scene())


def as_client(parts: Parts, client: Client) -> Interactions:
    """The interactions of a request of that client."""
    whole = parts.interactions
    return whole.of(GuardedStore(whole.store, AccessDesk(parts.store, whole.definitions), whole.marks_of, client.caller()), client.tenant)


def client(id_: str, **more: Any) -> Client:
    return Client(id_, id_, "system/*.cruds", whole=True, **more)


def test_what_a_client_writes_by_rest_is_not_told_to_the_partner_that_it_is(opened: Opened, run: Any) -> None:
    parts = opened(more='client = "chu"')

    async def scene() -> None:
        await parts.store.registry.add(client("chu"))
        await as_client(parts, client("chu")).create("Patient", dict(PERSON))
        assert await told(parts) == []
        await as_client(parts, client("gp")).create("Patient", dict(PERSON))
        assert [kind_ for _, kind_ in await told(parts)] == ["ADT^A28"]

    run(scene())


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        (client("chu"), 1),
        (client("chu", tenant="ours"), 1),
        (client("chu", tenant="theirs"), 0),
        (Client("chu", "chu", "system/CarePlan.cruds", whole=True), 0),
        (Client("chu", "chu", "system/*.cruds"), 0),
        (client("chu", revoked=1), 0),
        (None, 0),
    ],
    ids=["whole", "same tenant", "another tenant", "no scope", "in no circle", "revoked", "unknown"],
)
def test_a_partner_is_told_what_its_client_may_read(registered: Client | None, expected: int, opened: Opened, run: Any) -> None:
    parts = opened(more='client = "chu"')

    async def scene() -> None:
        if registered:
            await parts.store.registry.add(registered)
        await as_client(parts, client("other", tenant="ours")).create("Patient", dict(PERSON))
        assert len(await told(parts)) == expected

    run(scene())


def plan_of(person: Resource, **more: Any) -> Resource:
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "title": "Plan de Mme T",
        "created": "2026-03-01T10:00:00+01:00",
        "subject": {"reference": f"Patient/{person['id']}"},
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Été</div>'},
        **more,
    }


async def planned(parts: Parts, **more: Any) -> Resource:
    outcome = await parts.interactions.create("CarePlan", plan_of(await created(parts), **more))
    assert outcome.stored is not None
    return await parts.endpoint.read("CarePlan", outcome.stored.id) or {}


def other_text(text: str) -> dict[str, Any]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


def test_a_plan_goes_once_it_is_more_than_a_draft_and_later_versions_replace_the_one_before(opened: Opened, run: Any) -> None:
    parts = opened(["MDM^T02", "MDM^T10"])

    async def scene() -> None:
        plan = await planned(parts, status="draft")
        assert await told(parts) == []
        await updated(parts, plan, status="active")
        await updated(parts, plan, note=[{"text": "not in the narrative"}])
        await updated(parts, plan, text=other_text("Hiver"))
        await updated(parts, plan, status="completed", text=other_text("Fini"))
        await updated(parts, plan, status="entered-in-error")
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [(row.key.rpartition("/")[2], kind(row)) for row in rows] == [("2", "MDM^T02"), ("4", "MDM^T10"), ("5", "MDM^T10")]
        documents = [Message.parse(row.body).first("TXA") for row in rows]
        assert [(one.text(12), one.text(13)) for one in documents if one] == [
            (f"{plan['id']}-2", ""), (f"{plan['id']}-4", f"{plan['id']}-2"), (f"{plan['id']}-5", f"{plan['id']}-4"),
        ]  # fmt: skip
        assert {row.lane for row in rows} == {plan["subject"]["reference"]}
        copies = await parts.endpoint.search("Communication", [])
        assert {row.about for row in rows} == {f"Communication/{one['id']}" for one in copies}
        assert {one["status"] for one in copies} == {"preparation"}
        for one in copies:
            outcome = await parts.endpoint.validate(one)
            assert not [issue for issue in outcome["issue"] if issue["severity"] in ("error", "fatal")]

    run(scene())


@pytest.mark.parametrize("how", ["entered-in-error", "deleted"])
def test_a_plan_that_the_partner_has_is_withdrawn(how: str, opened: Opened, run: Any) -> None:
    parts = opened(["MDM^T02", "MDM^T04", "MDM^T10"])

    async def scene() -> None:
        never_sent = await planned(parts, status="draft")
        plan = await planned(parts, status="active")
        await updated(parts, plan, status="draft")  # drawn up anew
        await updated(parts, plan, status="active", text=other_text("Hiver"))
        for one in (never_sent, plan):
            if how == "deleted":
                await parts.interactions.delete("CarePlan", one["id"])
            else:
                await updated(parts, one, status="entered-in-error", text=other_text("Faux"))
                await updated(parts, one, status="entered-in-error", title="again")
        rows = await parts.store.outbox.find(OutboxFilter())
        assert [kind(row) for row in rows] == ["MDM^T02", "MDM^T10", "MDM^T04"]
        withdrawn = Message.parse(rows[-1].body)
        assert [withdrawn.text("TXA", 12), withdrawn.text("TXA", 19), withdrawn.text("OBX", 11)] == [f"{plan['id']}-3", "CA", "D"]
        assert (rows[-1].about, rows[-1].lane) == ("", plan["subject"]["reference"])
        assert len(await parts.endpoint.search("Communication", [])) == 2

    run(scene())


def test_a_plan_and_its_person_may_come_in_one_transaction(opened: Opened, run: Any) -> None:
    parts = opened()

    async def scene() -> None:
        url = "urn:uuid:5b0b6c0e-6c1b-4e0e-9b5f-7a1f6f1f0c11"
        entries = [
            {"fullUrl": url, "resource": dict(PERSON), "request": {"method": "POST", "url": "Patient"}},
            {"resource": {**plan_of({"id": ""}), "subject": {"reference": url}}, "request": {"method": "POST", "url": "CarePlan"}},
        ]
        await parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert [kind_ for _, kind_ in await told(parts)] == ["ADT^A28", "MDM^T02"]
        pids = [Message.parse(row.body).first("PID") for row in await parts.store.outbox.find(OutboxFilter())]
        assert len({one.field(3) for one in pids if one}) == 1

    run(scene())


@asynccontextmanager
async def listening(code: str) -> AsyncIterator[tuple[MllpServer, list[bytes]]]:
    """A partner that answers everything with this code."""
    heard: list[bytes] = []

    async def handler(raw: bytes, _: Peer) -> Answer:
        heard.append(raw)
        return Answer(acknowledge(Header.of_bytes(raw), code, (), local_now(), "A1"))  # type: ignore[arg-type]

    server = MllpServer(handler, port=0)
    await server.start()
    yield server, heard
    await server.stop()


async def until(settled: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not await settled():  # noqa: ASYNC110 - another worker could have done it
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("code", "narrative", "status", "reason", "heard_of"),
    [("AA", True, "completed", "", 1), ("AE", True, "not-done", "answered AE", 1), ("AA", False, "not-done", "CarePlan.text.div", 0)],
    ids=["taken", "refused", "cannot be made"],
)
def test_the_communication_says_what_became_of_it(
    code: str, narrative: bool, status: str, reason: str, heard_of: int, opened: Opened, run: Any, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with listening(code) as (server, heard):
            parts = opened(["MDM^T02"], server.port)
            settings = Settings(data=tmp_path, destinations=tmp_path / "destinations.toml", deliver="on")
            async with delivering(parts, settings, fhir_service(parts, settings)):
                plan = plan_of(await created(parts))
                await parts.interactions.create("CarePlan", plan if narrative else _without_text(plan))

                async def is_settled() -> bool:
                    (copy,) = await parts.endpoint.search("Communication", [])
                    return copy["status"] != "preparation"

                await until(is_settled)
            (copy,) = await parts.endpoint.search("Communication", [])
            assert copy["status"] == status
            assert reason in copy.get("statusReason", {}).get("text", "")
            assert len(heard) == heard_of

    run(scene())


def _without_text(plan: Resource) -> Resource:
    return {name: value for name, value in plan.items() if name != "text"}


ENHANCED = (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||AL|AL|FRA")
WRONG_DAY = (b"|19400517|", b"|19401317|")


@pytest.mark.parametrize(
    ("changed", "application", "told_place"),
    [((), ["AA"], ""), ((WRONG_DAY,), ["AE"], "PID^1^7"), (((b"|AL|AL|", b"|AL|ER|"),), [], "")],
    ids=["applied", "refused", "applied, and told of refusals only"],
)
def test_the_application_acknowledgement_goes_to_the_senders_own_listener(
    changed: tuple[tuple[bytes, bytes], ...], application: list[str], told_place: str, opened: Opened, message: Callable[..., bytes],
    run: Any, tmp_path: Path,
) -> None:  # fmt: skip
    own = message("a01_admission", (b"DPI-EXEMPLE|CHU-EXEMPLE|PASS", b"GAM|CHU-EXEMPLE|PASS"), ENHANCED, *changed)

    async def scene() -> None:
        async with listening("CA") as (back, heard):
            parts = opened([], back.port, 'acknowledgements = "AL"')
            settings = Settings(data=tmp_path, destinations=tmp_path / "destinations.toml", deliver="on", mllp_port=0)
            async with hospital(parts, settings) as open_, delivering(parts, settings, fhir_service(parts, settings)):
                answers = [await exchanged(open_.mllp_port or 0, one) for one in (own, own)]  # it hears only once of what was done once
                assert [[acknowledgement_code(one) for one in said] for said in answers] == [["CA"], ["CA"]]

                async def is_told() -> bool:
                    rows = await parts.store.outbox.find(OutboxFilter())
                    return len(rows) >= len(application) and all(row.status != "waiting" for row in rows)

                await until(is_told)
            rows = await parts.store.outbox.find(OutboxFilter())
            assert {(row.status, row.note[:2]) for row in rows} == ({("delivered", "CA")} if application else set())
        heard_of = {(acknowledgement_code(one), Message.parse(one).text("MSA", 2)) for one in heard}
        assert heard_of == {(code, "M0001") for code in application}
        for one in heard:
            header = Message.parse(one).header
            assert [header.text(number) for number in (3, 5, 6, 15, 16)] == ["PASSERELLE", "GAM", "CHU-EXEMPLE", "AL", "NE"]
            assert Message.parse(one).first("ERR") is None or Message.parse(one).first("ERR").field(2) == told_place  # type: ignore[union-attr]

    run(scene())


def test_another_sender_hears_both_on_its_connection(opened: Opened, message: Callable[..., bytes], run: Any, tmp_path: Path) -> None:
    async def scene() -> None:
        parts = opened([], 9, 'acknowledgements = "NE"')
        settings = Settings(data=tmp_path, destinations=tmp_path / "destinations.toml", mllp_port=0)
        async with hospital(parts, settings) as open_:
            answers = await exchanged(open_.mllp_port or 0, message("a01_admission", ENHANCED))
        assert [acknowledgement_code(one) for one in answers] == ["CA", "AA"]
        assert await told(parts) == []

    run(scene())


async def exchanged(port: int, raw: bytes) -> list[bytes]:
    """All that comes back on the connection of a message."""
    return await exchange(port, frame(raw))


@pytest.mark.parametrize(
    ("more", "authentication", "sentence"),
    [
        ('colour = "red"', "off", "colour"),
        ('processing = "X"', "off", "processing"),
        ("", "required", "client"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(more: str, authentication: Any, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "destinations.toml"
    file.write_text(TABLE.format(port=9, sends=ALL, more=more))
    with pytest.raises(SettingsError, match=rf"\[gam.hl7v2\].*{sentence}"):
        partners_of(Settings(destinations=file, authentication=authentication))


def test_an_event_that_is_not_sent_is_told(tmp_path: Path) -> None:
    file = tmp_path / "destinations.toml"
    file.write_text(TABLE.format(port=9, sends=["ADT^A99"], more=""))
    with pytest.raises(SettingsError, match="ADT\\^A99"):
        partners_of(Settings(destinations=file))

"""Bad input, case by case, on the whole server: what the sender hears, what is kept, what the operator sees, and what a replay does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.identity import is_qualified
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import send
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import frame
from adapters.hl7v2.peer import Peer
from fhir_server.cli import main
from fhir_server.exchange_desk import BEGINNING_ONLY
from fhir_server.store.inbox import InboxRow
from tests.exchange.test_ways_in import HL7, World, world
from tests.hl7v2.stay_message import Said, adt

__all__ = ["world"]

Read = Callable[..., bytes]
Made = Callable[[Read], bytes]
Mend = Callable[[World, Read], Awaitable[None]]
INS = b"~240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105"
IPP = "https://passerelle.care/fhir/sid/pi/339990012"
TYPES = ("Patient", "Encounter", "Practitioner", "Organization", "Location", "DocumentReference", "Appointment", "Binary")
SITE = """site: chu
title: A hospital that sends no class with its admissions, for all of them are inpatients
of: hl7v2
senders: ["DPI-EXEMPLE|CHU-EXEMPLE"]
maps: [adt_a01]
waive: [PV1-2]
resources:
  encounter:
    set:
      class: {system: =http://terminology.hl7.org/CodeSystem/v3-ActCode, code: =IMP}
"""


async def nothing(_there: World, _message: Read) -> None:
    """What there is to do where only the sender can do something."""


@dataclass(frozen=True)
class Case:
    """`given`: what is there; `before`: what came earlier and went well; `mend`: what somebody here does, before the message is replayed.
    Where nobody here can do anything, only the sender can send something better."""

    id: str
    made: Made
    code: str
    place: str
    error: str
    says: str
    before: tuple[Made, ...] = ()
    given: Mend = nothing
    mend: Mend = nothing


def edited(*replaced: tuple[bytes, bytes], name: str = "a01_admission") -> Made:
    return lambda message: message(name, *replaced)


def plain(name: str) -> Made:
    return lambda message: message(name)


def without(number: int) -> Made:
    """The admission without one field of its header."""

    def made(message: Read) -> bytes:
        header, rest = message("a01_admission").split(b"\r", 1)
        fields = header.split(b"|")
        fields[number - 1] = b""
        return b"|".join(fields) + b"\r" + rest

    return made


def merge(prior: str, survivor: str) -> Made:
    """ADT^A40 that gives up one number of the hospital for another."""
    key = f"|{prior}-{survivor}|".encode()
    marked = ((b"700123^^^CHU", b"@SURVIVOR^^^CHU"), (b"700999^^^CHU", prior.encode() + b"^^^CHU"), (b"@SURVIVOR", survivor.encode()))
    return edited(*marked, (INS, b""), (b"|M0040|", key), name="a40_fusion")


def stay(letter: str, number: int, ipp: str) -> Made:
    return lambda _: adt(Said("A01", number), f"S{number}", visit=f"2603{number:04d}", ipp=ipp)


async def told(there: World, raw: bytes) -> bytes:
    return await send(raw, port=there.opened.mllp_port or 0)


async def two_with_one_number(there: World, _: Read) -> None:
    """Two records that other software made with one IPP."""
    for family in ("TEST-UN", "TEST-DEUX"):
        patient = {"resourceType": "Patient", "identifier": [{"system": IPP, "value": "700123"}], "name": [{"family": family}]}
        await written(there, {"method": "POST", "url": "Patient"}, patient)


async def without_the_second(there: World, _: Read) -> None:
    (second,) = await there.parts.endpoint.search("Patient", [("family", "TEST-DEUX")])
    await written(there, {"method": "DELETE", "url": f"Patient/{second['id']}"})


async def elsewhere(there: World, _: Read) -> None:
    """The stay had been told under a wrong visit number: it is given the right one."""
    (there_is,) = await there.parts.endpoint.search("Encounter", [])
    (number,) = there_is["identifier"]
    await written(
        there, {"method": "PUT", "url": f"Encounter/{there_is['id']}"}, {**there_is, "identifier": [{**number, "value": "26030099"}]}
    )


async def written(there: World, request: dict[str, str], resource: dict[str, Any] | None = None) -> None:
    entry = {"request": request} | ({"resource": resource} if resource else {})
    await there.parts.endpoint.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})


def born_on(day: str) -> Mend:
    """Whoever looked at the identity document mends the record here."""

    async def mend(there: World, _: Read) -> None:
        (patient,) = await there.parts.endpoint.search("Patient", [])
        await written(there, {"method": "PUT", "url": f"Patient/{patient['id']}"}, {**patient, "birthDate": day})

    return mend


def later(made: Made) -> Mend:
    """What was missing comes after all."""

    async def mend(there: World, message: Read) -> None:
        assert acknowledgement_code(await told(there, made(message))) == "AA"

    return mend


async def a_site(there: World, _: Read) -> None:
    assert there.settings.sites is not None
    (there.settings.sites / "chu.yaml").write_text(SITE, "utf-8")
    interpreter = there.opened.reception.interpreter
    while not interpreter.maps.sites:  # noqa: ASYNC110 - the server looks at its files itself
        await asyncio.sleep(0.05)


def unmerge(ipp: str) -> Mend:
    async def mend(there: World, _: Read) -> None:
        (prior,) = [
            one for one in await there.parts.endpoint.search("Patient", [("identifier", f"{IPP}|{ipp}")]) if one.get("active") is False
        ]
        assert await command(there, "person", "unmerge", prior["id"]) == 0

    return mend


# fmt: off
CASES = [
    Case("cut in the header", lambda m: m("a01_admission")[:70], "AR", "MSH^1^9", "101", "message type"),
    Case("cut behind the header", lambda m: m("a01_admission").split(b"\rEVN")[0], "AE", "PID^1", "100", "segment PID"),
    Case("cut before the visit", lambda m: m("a01_admission").split(b"\rPV1")[0], "AE", "PV1^1", "100", "segment PV1"),
    Case("a second header", lambda m: m("a01_admission") * 2, "AR", "MSH^2", "100", "Another message begins inside"),
    Case("unknown character set", edited((b"UNICODE UTF-8", b"8859/7")), "AR", "MSH^1^18", "103", "use one of"),
    Case("bytes of no character set", edited((b"UNICODE UTF-8", b"")), "AR", "MSH^1^18", "102", "name the character set there"),
    Case(
        "bytes of another set", lambda m: m("a01_admission", ("Œ".encode(), b"OE")).decode().encode("latin-1"),
        "AR", "MSH^1^18", "102", "is not valid in it",
    ),
    *(Case(f"no MSH-{number}", without(number), "AR", f"MSH^1^{number}", "101", f"MSH-{number} (") for number in (7, 9, 10, 11, 12)),
    Case("unknown processing id", edited((b"|M0001|T|", b"|M0001|X|")), "AR", "MSH^1^11", "202", "P, T, D"),
    Case("version 3", edited((b"|2.5^FRA^2.11|", b"|3|")), "AR", "MSH^1^12", "203", "begins with 2"),
    Case("unknown event", edited((b"|ADT^A01^ADT_A01|", b"|ADT^A19^ADR_A19|")), "AR", "MSH^1^9^^2", "201", "taken: A01"),
    Case("unknown message", edited((b"|ADT^A01^ADT_A01|", b"|BAR^P01^BAR_P01|")), "AR", "MSH^1^9", "200", "taken: ADT"),
    Case("month 13", edited((b"|19400517|", b"|19401317|")), "AE", "PID^1^7", "102", "month"),
    Case("30 February", edited((b"|20260302093000|||||||V", b"|20260230093000|||||||V")), "AE", "PV1^1^44", "102", "does not exist"),
    Case("no time at all", edited((b"|20260302093000||INSERT", b"|lundi||INSERT")), "AE", "ZBE^1^2", "102", "is not a time"),
    Case("no class", edited((b"PV1|1|I|", b"PV1|1||")), "AE", "PV1^1^2", "101", "required", mend=a_site),
    Case("no visit number", edited((b"26030001^^^CHU-EXEMPLE&339990012&N^VN", b"")), "AE", "PV1^1^19^^1", "101", "required"),
    Case("no number of the person", edited((b"^PI~", b"^SS~"), (b"|VALI|", b"|PROV|")), "AE", "PID^1^3", "101", "no identifier"),
    Case(
        "only an INS with a wrong key",
        edited((b"700123^^^CHU-EXEMPLE&339990012&N^PI~", b""), (b"240053399901230", b"240053399901231")),
        "AE", "PID^1^3", "102", "correct the INS",
    ),
    Case(
        "an INS of a person born on another day",
        edited((b"700123^^^CHU", b"700456^^^CHU"), (b"|19400517|", b"|19400518|"), (b"|M0001|", b"|M0901|"), (b"26030001", b"26030901")),
        "AE", "PID^1^7", "204", "another birth date", before=(plain("a01_admission"),),
        mend=born_on("1940-05-18"),
    ),
    Case(
        "a visit of another person",
        edited((b"700123^^^CHU", b"700456^^^CHU"), (INS, b""), (b"|M0001|", b"|M0902|"), (b"|VALI|", b"|PROV|")),
        "AE", "PV1^1^19", "204", "another patient's", before=(plain("a01_admission"),), mend=elsewhere,
    ),
    Case(
        "dated before the admission",
        edited((b"20260308", b"20260108"), name="a03_sortie_domicile"),
        "AE", "ZBE^1^2", "102", "end before it began", before=(plain("a01_admission"),),
        mend=later(edited((b"20260302084500", b"20260102084500"), name="z99_correction_admission")),
    ),
    Case(
        "a document that never came is withdrawn", plain("documents/mdm_t04_suppression"),
        "AE", "TXA^1^12", "204", "cannot be withdrawn", mend=later(plain("documents/mdm_t10_remplacement")),
    ),
    Case(
        "an appointment that never was is cancelled", plain("appointments/siu_s15_annulation"),
        "AE", "SCH^1^2", "204", "cannot be cancelled", mend=later(plain("appointments/siu_s12_nouveau")),
    ),
    Case(
        "two patients with one number", plain("a01_admission"), "AE", "PID^1^3", "205", "2 patients have this number of this hospital",
        given=two_with_one_number, mend=without_the_second,
    ),
    Case("a number merged into itself", merge("700123", "700123"), "AE", "MRG^1^1", "204", "is the one that stays"),
    Case(
        "merged there and back", merge("700002", "700001"), "AE", "MRG^1^1", "204", "given up for the other",
        before=(stay("O", 1, "700001"), stay("P", 2, "700002"), merge("700001", "700002")), mend=unmerge("700001"),
    ),
    Case(
        "merged into a third", merge("700001", "700003"), "AE", "MRG^1^1", "204", "merged into another patient before",
        before=(stay("O", 1, "700001"), stay("P", 2, "700002"), merge("700001", "700002")), mend=unmerge("700001"),
    ),
    Case(
        "a chain of merges that closes", merge("700003", "700001"), "AE", "MRG^1^1", "204", "given up for the other",
        before=(*map(stay, "OPQ", (1, 2, 3), ("700001", "700002", "700003")), merge("700001", "700002"), merge("700002", "700003")),
        mend=unmerge("700002"),
    ),
    Case(
        "more numbers than are looked for",
        edited((INS, INS + b"".join(b"~%06d^^^A%d&&N^PI" % (number, number) for number in range(2100)))),
        "AE", "", "207", "more than 2000 identifiers",
    ),
]
# fmt: on
HOPELESS = [one for one in CASES if one.mend is nothing]


async def command(there: World, *arguments: str) -> int:
    """What an operator types beside the running server."""

    def run() -> int:
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--data", str(there.settings.data), "--database", there.settings.database])
        return int(end.value.code or 0)

    return await asyncio.to_thread(run)


async def row_of(there: World, raw: bytes) -> InboxRow:
    (row,) = (one for one in await there.parts.store.inbox.find(limit=1000) if one.raw == raw)
    return row


async def versions(there: World) -> dict[str, str]:
    found = {}
    for type_name in TYPES:
        for one in await there.parts.endpoint.search(type_name, []):
            found[f"{type_name}/{one['id']}"] = one["meta"]["versionId"]
    return found


async def replayed(there: World, row: InboxRow) -> InboxRow:
    """The message after the server has taken it up again."""
    assert await command(there, "exchange", "replay", f"in-{row.number}") == 0
    await there.opened.reception.intake.recovery.replayed()
    while (again := await row_of(there, row.raw)).status == "received":  # noqa: ASYNC110 - what another task does
        await asyncio.sleep(0.01)
    return again


def heard(answer: bytes) -> tuple[str, str, str, str]:
    """MSA-1, ERR-2, ERR-3.1, and the English sentence (ERR-7, else ERR-8) of the first ERR."""
    message = Message.parse(answer)
    error = message.first("ERR")
    return (
        (acknowledgement_code(answer), error.field(2), error.text(3), error.text(7) or error.text(8))
        if error
        else (acknowledgement_code(answer), "", "", "")
    )


def hears(case: Case, answer: bytes) -> Iterator[str]:
    """What is wrong with an answer."""
    code, place, error, sentence = heard(answer)
    if (code, place, error) != (case.code, case.place, case.error) or case.says not in sentence or not sentence.endswith("."):
        yield f"{case.id}: {code} {place} {error} {sentence}"


async def seen(there: World, row: InboxRow, case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    """In the list with its reason and without content, and with its content for whoever asks for that."""
    capsys.readouterr()
    assert await command(there, "exchange", "list", "--status", "failed") == 0
    (line,) = (one for one in capsys.readouterr().out.splitlines() if one.startswith(f"in-{row.number}  "))
    assert case.says in line
    assert "TEST-" not in line
    assert await command(there, "exchange", "show", f"in-{row.number}") == 0
    shown = capsys.readouterr().out
    assert f"MSA|{case.code}" in shown
    assert "PASSERELLE" in shown


async def refused(there: World, case: Case, raw: bytes) -> InboxRow:
    """The row of a message that is answered as the case says, kept, and has changed nothing."""
    before = await versions(there)
    answer = await told(there, raw)
    assert list(hears(case, answer)) == []
    row = await row_of(there, raw)
    assert (row.status, row.note, row.reply) == ("failed", heard(answer)[3], answer)
    assert await versions(there) == before
    return row


def test_what_only_the_sender_can_mend_fails_again_and_what_is_sent_right_is_taken(
    world: Callable[..., Any], message: Read, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scene(there: World) -> None:
        for case in HOPELESS:
            row = await refused(there, case, case.made(message))
            again = await replayed(there, row)
            assert (again.status, again.note, again.attempts) == ("failed", row.note, 2), case.id
        await seen(there, row, case, capsys)
        assert await versions(there) == {}
        assert acknowledgement_code(await told(there, message("a01_admission"))) == "AA"

    world(scene, database=database_url)


@pytest.mark.parametrize("case", [one for one in CASES if one not in HOPELESS], ids=lambda case: case.id)
def test_what_is_mended_here_is_applied_once(
    case: Case, world: Callable[..., Any], message: Read, tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = case.made(message)
    (tmp_path / "sites").mkdir()

    async def scene(there: World) -> None:
        for prepare in (case.given, *(later(one) for one in case.before)):
            await prepare(there, message)
        row = await refused(there, case, raw)
        await seen(there, row, case, capsys)
        await case.mend(there, message)
        again = await replayed(there, row)
        assert (again.status, acknowledgement_code(again.reply or b"")) == ("processed", "AA"), again.note
        after = await versions(there)
        capsys.readouterr()
        assert await command(there, "exchange", "replay", f"in-{row.number}") == 0
        assert capsys.readouterr().out == "0 to be tried again.\n"
        assert acknowledgement_code(await told(there, raw)) == "AA"
        assert await versions(there) == after

    world(scene, database=database_url, sites=tmp_path / "sites")


def test_every_way_in_answers_the_same(world: Callable[..., Any], message: Read, tmp_path: Path) -> None:
    """`POST /hl7v2` says in its answer, and the folder in a file, what MLLP says on the line."""
    folder = tmp_path / "in"
    cases = {case.id.replace(" ", "-"): case for case in HOPELESS if case.id != "a second header"}  # a file may hold several messages

    async def scene(there: World) -> None:
        for name, case in cases.items():
            answer = await there.http.post("/hl7v2", content=case.made(message), headers=HL7)
            assert (answer.status_code, list(hears(case, answer.content))) == (200, [])
            (folder / f"{name}.hl7").write_bytes(case.made(message))
        while any(not (folder / "acknowledgements" / f"{name}.hl7.ack").exists() for name in cases):  # noqa: ASYNC110 - what another task does
            await asyncio.sleep(0.05)
        for name, case in cases.items():
            assert (folder / "failed" / f"{name}.hl7").exists(), name
            assert list(hears(case, (folder / "acknowledgements" / f"{name}.hl7.ack").read_bytes())) == []

    world(scene, hl7v2_folder=folder)


def warned(answer: bytes) -> list[tuple[str, str, str]]:
    """ERR-2, ERR-3.1 and ERR-4 beside AA."""
    assert acknowledgement_code(answer) == "AA", answer
    return [(error.field(2), error.text(3), error.text(4)) for error in Message.parse(answer).all("ERR")]


def test_what_is_wrong_and_taken_all_the_same_is_told_and_noted(world: Callable[..., Any], message: Read, database_url: str) -> None:
    async def scene(there: World) -> None:
        search = there.parts.endpoint.search
        wrong_ins = message("a01_admission", (b"240053399901230", b"240053399901231"))
        assert warned(await told(there, wrong_ins)) == [("PID^1^3^2^1", "102", "W")]
        assert "neither used nor kept" in str((await row_of(there, wrong_ins)).note)
        (patient,) = await search("Patient", [])
        assert [one["value"] for one in patient["identifier"]] == ["700123"]
        assert not is_qualified(patient)
        right = message("a31_identite_modifiee")
        assert warned(await told(there, right)) == []
        assert [is_qualified(one) for one in await search("Patient", [])] == [True]

        cancelled = message("a13_annulation_sortie", (b"26030001", b"26030009"))
        assert warned(await told(there, cancelled)) == [("ZBE^1^1^^1", "204", "W")]
        assert [one["status"] for one in await search("Encounter", [("identifier", "26030009")])] == ["unknown"]
        early = adt(Said("A03", 12), "M12", visit="26030012", ipp="700012")
        assert warned(await told(there, early)) == []
        assert warned(await told(there, adt(Said("A01", 11), "M11", visit="26030012", ipp="700012"))) == []
        assert [one["status"] for one in await search("Encounter", [("identifier", "26030012")])] == ["finished"]

    world(scene, database=database_url)


def test_a_number_used_before_for_another_message_is_flagged(world: Callable[..., Any], message: Read, database_url: str) -> None:
    async def scene(there: World) -> None:
        first, second = message("a01_admission"), message("a01_admission", (b"0599990001", b"0599990009"))
        assert [acknowledgement_code(await told(there, one)) for one in (first, second)] == ["AA", "AA"]
        notes = [(await row_of(there, one)).note or "" for one in (first, second)]
        assert ["used this number before" in note for note in notes] == [False, True]

    world(scene, database=database_url)


def test_a_thousand_repeats_of_a_field_and_of_a_message(world: Callable[..., Any], message: Read, database_url: str) -> None:
    """The same bytes a thousand times are one message, its numbers are all there, and nothing is written but once."""
    phones = b"~".join(b"^PRN^PH^^^^^^^^^05%08d" % number for number in range(1000))
    raw = message("a01_admission", (b"^PRN^PH^^^^^^^^^0599990001", phones))

    async def scene(there: World) -> None:
        answers = {await told(there, raw)}
        before = await versions(there)
        answers |= {answer for answer in [(await there.opened.reception.receive(raw, Peer())).reply for _ in range(999)] if answer}
        assert [acknowledgement_code(answer) for answer in answers] == ["AA"]
        assert await versions(there) == before
        assert await there.kept() == 1
        (patient,) = await there.parts.endpoint.search("Patient", [])
        assert len(patient["telecom"]) == 1001

    world(scene, database=database_url)


def test_what_is_larger_than_the_limit_is_seen_and_its_beginning_never_processed(
    world: Callable[..., Any], message: Read, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """AR by MLLP, 413 by HTTP: the same message, kept once as it begins, whatever way it comes; only its sender can mend it."""
    large = message("a01_admission") + b"NTE|1||" + b"x" * 5000 + b"\r"

    async def scene(there: World) -> None:
        assert heard(await told(there, large))[:3] == ("AR", "", "207")
        assert (await there.http.post("/hl7v2", content=large, headers=HL7)).status_code == 413
        inbox = there.parts.store.inbox
        (row,) = await inbox.find()
        assert (row.sender, row.key, row.status, row.size) == ("DPI-EXEMPLE|CHU-EXEMPLE", "M0001", "failed", len(large))
        assert row.raw == large[:4096]
        assert f"{len(large)} bytes, more than the 4096 that are taken" in (row.note or "")
        why = (await there.http.post(f"/fhir/_exchange/_replay?id=in-{row.number}")).json()
        assert why == {"replayed": 0, "why": f"in-{row.number} is failed: {BEGINNING_ONLY}."}
        assert await command(there, "exchange", "replay", f"in-{row.number}") == 0
        assert "its sender must send it again" in capsys.readouterr().err
        assert await inbox.replay() == 0
        mended = message("a01_admission")
        assert acknowledgement_code(await told(there, mended)) == "AA"
        (row,) = (one for one in await inbox.find() if one.raw == mended)
        assert row.note is None

    world(scene, hl7v2_max_bytes=4096, database=database_url)


def test_what_is_cut_off_is_not_taken_for_a_message(world: Callable[..., Any], message: Read) -> None:
    """Nothing of it is kept, so nobody may hear that it was: no answer where its end never came."""

    async def scene(there: World) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.opened.mllp_port)
        writer.write(frame(message("a01_admission"))[:-700])
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert await there.kept() == 0
        assert acknowledgement_code(await told(there, message("a01_admission"))) == "AA"

    world(scene)

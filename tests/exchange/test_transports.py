"""Messages by HTTP and as files: what is sent, and what each answer means for the message."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.endpoint import OutboxMessage
from adapters.exchange.destination import Rules
from adapters.exchange.file_transport import FileTransport
from adapters.exchange.http_transport import HttpTransport
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from fhir_server.destinations import Surroundings, destination, destinations_of
from fhir_server.model.issue import FhirError
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.sending import Sending
from fhir_server.settings import Settings, SettingsError

URL = "https://partner.example.org/fhir"
MESSAGE = OutboxMessage(12, "chu", "key-1", b'{"resourceType": "Bundle"}', "application/fhir+json", "", "", "", 0, 0, 1, "me")
OUTCOME = b'{"resourceType": "OperationOutcome", "issue": [{"code": "value", "expression": ["Patient.name"], "diagnostics": "Mr SECRET"}]}'


def answered(response: httpx.Response, message: OutboxMessage = MESSAGE, **more: Any) -> tuple[Answer, httpx.Request]:
    """What the transport makes of a response, and what it had asked."""
    asked: list[httpx.Request] = []

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return response

    outgoing = Outgoing(("partner.example.org",), transport=httpx.MockTransport(network))
    transport = HttpTransport(Sending(outgoing, URL), URL, **more)
    return asyncio.run(transport.deliver(message)), asked[0]


def test_a_message_is_posted_with_its_type_its_key_and_the_headers_of_the_destination():
    answer, asked = answered(httpx.Response(201, headers={"Location": "Bundle/1"}), headers={"authorization": "Bearer x"})
    assert answer == Receipt("201 Bundle/1")
    assert (asked.method, str(asked.url), asked.content) == ("POST", URL, MESSAGE.body)
    assert (asked.headers["content-type"], asked.headers["idempotency-key"]) == ("application/fhir+json", '"key-1"')
    assert asked.headers["authorization"] == "Bearer x"


def test_a_message_may_have_its_own_place_at_the_destination():
    message = OutboxMessage(12, "chu", "k", b"", "x/y", "", "CarePlan/1", "", 0, 0, 1, "me")
    _, asked = answered(httpx.Response(200), message, method="PUT")
    assert (asked.method, str(asked.url)) == ("PUT", f"{URL}/CarePlan/1")


@pytest.mark.parametrize("status", [400, 404, 409, 410, 412, 413, 422])
def test_what_a_destination_will_never_take_is_refused_and_no_content_of_the_answer_kept(status):
    answer, _ = answered(httpx.Response(status, content=OUTCOME))
    assert answer == Refused(f"answered {status} value Patient.name")


@pytest.mark.parametrize("status", [401, 403, 408, 425, 429, 500, 502, 503, 504])
def test_what_says_nothing_against_the_message_is_tried_later(status):
    answer, _ = answered(httpx.Response(status))
    assert answer == Later(f"answered {status}")


NO_OUTCOMES = [b"", b"{", b"[]", b'{"resourceType": "OperationOutcome"}', b'{"resourceType": "OperationOutcome", "issue": [7]}']


@pytest.mark.parametrize("body", NO_OUTCOMES)
def test_an_answer_that_is_no_outcome_is_a_status_only(body):
    assert answered(httpx.Response(400, content=body))[0] == Refused("answered 400")


def test_a_redirect_is_not_followed():
    answer, _ = answered(httpx.Response(307, headers={"Location": "https://elsewhere.example.org/"}))
    assert answer == Refused("answered 307")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Fri, 02 Jan 2026 00:01:00 GMT", "Date": "Fri, 02 Jan 2026 00:00:00 GMT"}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Fri, 02 Jan 2026 00:01:00 GMT"}, None),
    ],
)
def test_the_time_that_a_destination_names_is_kept(headers, seconds):
    assert answered(httpx.Response(503, headers=headers))[0] == Later("answered 503", seconds)


def test_an_address_that_is_not_allowed_is_not_asked():
    sending = Sending(Outgoing(("other.example.org",)), URL)
    with pytest.raises(FhirError, match="allowed_hosts"):
        asyncio.run(HttpTransport(sending, URL).deliver(MESSAGE))


def test_nothing_goes_elsewhere_than_to_the_destination():
    sending = Sending(Outgoing(("partner.example.org", "other.example.org")), URL)
    with pytest.raises(FhirError, match="elsewhere"):
        asyncio.run(sending.send("POST", "https://other.example.org/", {}, b""))


def test_connections_to_a_destination_stay_open():
    """Against a real socket: three messages on one connection."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    async def three() -> list[Answer]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        transport = HttpTransport(Sending(Outgoing(("127.0.0.1",)), url), url)
        answers = [await transport.deliver(MESSAGE) for _ in range(3)]
        await transport.close()
        server.close()
        return answers

    assert asyncio.run(three()) == [Receipt("200")] * 3
    assert len(connections) == 1


def test_a_message_becomes_a_file_once_and_whole(tmp_path):
    transport = FileTransport(tmp_path)
    first = asyncio.run(transport.deliver(MESSAGE))
    assert asyncio.run(transport.deliver(MESSAGE)) == first
    (file,) = tmp_path.iterdir()
    assert (file.read_bytes(), file.suffix, file.name[:13]) == (MESSAGE.body, ".json", "000000000012-")
    assert first == Receipt(f"written as {file.name}", delivered=False)


def test_a_folder_that_is_gone_is_trouble_of_the_destination(tmp_path):
    with pytest.raises(OSError):
        asyncio.run(FileTransport(tmp_path / "gone").deliver(MESSAGE))


def destinations_from(folder: Path, text: str) -> Any:
    file = folder / "destinations.toml"
    file.write_text(text)
    return destinations_of(Settings(data=folder, destinations=file, allowed_hosts="partner.example.org"))


def test_a_destination_is_read_from_its_table(tmp_path):
    (tmp_path / "token").write_text("Bearer abc\n")
    (tmp_path / "out").mkdir()
    chu = f'[chu]\ntransport = "http"\nurl = "{URL}"\nauthorization_file = "token"\nper_minute = 30\n'
    found = destinations_from(tmp_path, chu + '[files]\ntransport = "file"\nfolder = "out"')
    chu, files = asyncio.run(found.find("chu")), asyncio.run(found.find("files"))
    assert (chu.name, chu.rules, chu.transport.headers) == ("chu", Rules(per_minute=30), {"authorization": "Bearer abc"})
    assert files.transport == FileTransport(tmp_path / "out")
    assert asyncio.run(found.find("other")) is None


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('transport = "pigeon"', "one of http, file"),
        (f'transport = "http"\nurl = "{URL}"\nurll = "x"', "urll"),
        (f'transport = "http"\nurl = "{URL}"\nseconds = "x"', "float"),
        (f'transport = "http"\nurl = "{URL}"\nat_once = 0', "at_once"),
        (f'transport = "http"\nurl = "{URL}"\nauthorization_file = "gone"', "gone"),
        ('transport = "http"\nurl = "https://other.example.org/"', "allowed_hosts"),
        ('transport = "file"\nfolder = "gone"', "is not there"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_at_the_start(tmp_path, table, says):
    with pytest.raises(SettingsError, match=says) as refused:
        destinations_from(tmp_path, f"[chu]\n{table}")
    assert "[chu]" in str(refused.value)


def test_a_destination_without_a_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="transport"):
        destination("chu", 7, Surroundings(tmp_path, Outgoing()))

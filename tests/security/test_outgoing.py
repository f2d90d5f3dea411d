"""Outgoing addresses: what an allow-list means, which IP addresses are reached, what a redirect may do, how long and how much."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.security.destination import Allowed, destination
from fhir_server.security.network_address import is_public
from fhir_server.security.outgoing import REDIRECTS, Outgoing, pieces
from fhir_server.security.pinned import PinnedTransport
from tests.security.local_server import local_server, reply


@pytest.mark.parametrize(
    "url",
    [
        "https://good.example@evil.example/", "https://good.example:443@evil.example/", "https://good.example\\@evil.example/",
        "https://good.example\\.evil.example/", "https://good.example./", "https://g\u043eod.example/", "https://good.example/\r\nx: y",
        "https://good.example/exports/../secret", "https://good.example/exports/%2e%2e/secret", "https://good.example/a/%252e%252e/b",
        "https://good.example/exports/..%2fsecret", "https://good.example/a\\b", "https://good.example/exports/..%5csecret",
        "https:good.example", "//good.example/",
        "file:///etc/passwd", "ftp://good.example/", "gopher://good.example/", "https://", "https://good.example:0/",
        "https://good.example:65536/", "https://good.example:8a/", " https://good.example/", "https://good.example/ x",
        "https://[::1%25lo]/", "jar:https://good.example/", "https://good.example/" + "x" * 5000,
    ],
)  # fmt: skip
def test_an_address_that_two_readers_could_understand_differently_has_no_meaning(url):
    assert destination(url) is None
    with pytest.raises(FhirError) as refused:
        Outgoing(("good.example",)).check(url)
    assert refused.value.category is Category.FORBIDDEN


@pytest.mark.parametrize(
    ("entry", "url", "covered"),
    [
        ("good.example", "https://good.example/x", True),
        ("good.example", "https://GOOD.example:443/x?y=1#z", True),
        ("good.example", "http://good.example/x", False),
        ("good.example", "https://good.example:444/", False),
        ("good.example", "https://good.example.evil.example/", False),
        ("good.example", "https://evil-good.example/", False),
        ("good.example", "https://sub.good.example/", False),
        ("good.example", "https://xn--god-3bb.example/", False),
        ("good.example:8443", "https://good.example:8443/", True),
        ("good.example:8443", "https://good.example/", False),
        ("http://good.example", "http://good.example/", True),
        ("http://good.example", "https://good.example/", False),
        ("https://good.example/a", "https://good.example/a", True),
        ("https://good.example/a", "https://good.example/a/b", True),
        ("https://good.example/a/", "https://good.example/a/b", True),
        ("https://good.example/a", "https://good.example/ab", False),
        ("127.0.0.1", "http://127.0.0.1:5000/", True),
        ("127.0.0.1", "http://127.0.0.2:5000/", False),
        ("localhost", "http://localhost:5000/", True),
        ("[::1]", "http://[::1]:5000/", True),
        ("10.0.0.5", "http://10.0.0.5/", False),
        ("good.example", "https://2130706433/", False),
    ],
)
def test_an_entry_allows_what_it_says_and_nothing_that_looks_like_it(entry, url, covered):
    assert Allowed.read(entry).covers(destination(url)) is covered


@pytest.mark.parametrize("entry", ["*", "*.example", "good.example.", "g\u043eod.example", "https://a@b", "ftp://a", "a/../b", "a?b", ""])
def test_an_entry_that_allows_nothing_is_told(entry):
    with pytest.raises(ValueError, match="allows nothing"):
        Allowed.read(entry)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "::8.8.8.8", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "ff02::1", "2002:7f00:1::", "2002:a9fe:a9fe::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:0:a9fe:a9fe::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public_however_it_is_written(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def resolving(*answers: list[str]) -> Any:
    """A resolver that gives these answers in turn, the last for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def outgoing(*allowed: str, resolve: Any = None, networks: tuple[str, ...] = (), **more: Any) -> Outgoing:
    transport = PinnedTransport(networks, resolve) if resolve else PinnedTransport(networks)
    return Outgoing(allowed, networks, transport=transport, **more)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["10.1.2.3"]])
def test_a_name_that_leads_inside_is_not_connected_to(run, addresses):
    asked: list[bytes] = []
    with (
        local_server(lambda head: asked.append(head) or reply(b"secret")) as port,
        pytest.raises(FhirError, match="allowed_networks") as refused,
    ):
        run(outgoing(f"http://good.example:{port}", resolve=resolving(addresses)).get(f"http://good.example:{port}/"))
    assert refused.value.category is Category.FORBIDDEN
    assert asked == []


def test_a_name_of_a_network_that_is_allowed_is_connected_to_under_its_own_name(run):
    asked: list[bytes] = []
    with local_server(lambda head: asked.append(head) or reply(b"keys")) as port:
        fetching = outgoing(f"http://good.example:{port}", resolve=resolving(["127.0.0.1"]), networks=("127.0.0.0/8",))
        answer = run(fetching.get(f"http://good.example:{port}/jwks"))
    assert (answer.status, answer.body) == (200, b"keys")
    assert f"Host: good.example:{port}".encode().lower() in asked[0].lower()


def test_a_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connection(run):
    """The second answer would be refused; the first is connected to, and the name is not asked for again."""
    with local_server(lambda _: reply(b"first")) as port:
        resolve = resolving(["127.0.0.1"], ["10.0.0.1"])
        fetching = outgoing(f"http://good.example:{port}", resolve=resolve, networks=("127.0.0.0/8",))
        assert run(fetching.get(f"http://good.example:{port}/")).body == b"first"
        with pytest.raises(FhirError, match=r"10\.0\.0\.1"):
            run(fetching.get(f"http://good.example:{port}/"))


def test_the_next_address_is_tried_where_one_does_not_answer(run):
    with local_server(lambda _: reply(b"here")) as port:
        fetching = outgoing(f"http://good.example:{port}", resolve=resolving(["127.0.0.2", "127.0.0.1"]), networks=("127.0.0.0/8",))
        assert run(fetching.get(f"http://good.example:{port}/")).body == b"here"


@pytest.mark.parametrize(("name", "is_trusted"), [("good.example", True), ("other.example", False)])
def test_a_certificate_is_checked_for_the_name_not_for_the_address(run, certificate, name, is_trusted):
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*certificate)
    names: list[str | None] = []
    serving.sni_callback = lambda _, server_name, __: names.append(server_name)
    trust = ssl.create_default_context(cafile=certificate[0])
    with local_server(lambda _: reply(b"secured"), serving) as port:
        transport = PinnedTransport(("127.0.0.0/8",), resolving(["127.0.0.1"]), trust)
        fetching = Outgoing((f"{name}:{port}",), transport=transport)
        if is_trusted:
            assert run(fetching.get(f"https://{name}:{port}/")).body == b"secured"
        else:
            with pytest.raises(FhirError, match=r"(?i)certificate"):
                run(fetching.get(f"https://{name}:{port}/"))
    assert names == [name]


def answering(answers: dict[str, httpx.Response], asked: list[httpx.Request]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers[str(request.url)]

    return httpx.MockTransport(answer)


def moved(to: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": to})


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/", "http://good.example/", "//evil.example/", "http://169.254.169.254/latest", "file:///etc/passwd",
        "https://good.example@evil.example/", "https://good.example:444/", "https://good.example.evil.example/", "gopher://good.example/",
    ],
)  # fmt: skip
def test_a_redirect_is_a_new_address_and_checked_as_such(run, location):
    asked: list[httpx.Request] = []
    fetching = Outgoing(("good.example",), transport=answering({"https://good.example/": moved(location)}, asked))
    with pytest.raises(FhirError) as refused:
        run(fetching.get("https://good.example/"))
    assert refused.value.category is Category.FORBIDDEN
    assert len(asked) == 1


def test_credentials_stay_with_the_origin_they_are_meant_for(run):
    asked: list[httpx.Request] = []
    answers = {
        "https://good.example/": moved("/here"),
        "https://good.example/here": moved("https://other.example/there"),
        "https://other.example/there": httpx.Response(200, content=b"ok"),
    }
    fetching = Outgoing(("good.example", "other.example"), transport=answering(answers, asked))
    run(fetching.get("https://good.example/", headers={"Authorization": "Bearer x", "Cookie": "y", "accept": "z"}))
    assert ["authorization" in one.headers for one in asked] == [True, True, False]
    assert ["cookie" in one.headers for one in asked] == [True, True, False]
    assert [one.headers["accept"] for one in asked] == ["z"] * 3


def test_a_form_with_a_secret_follows_no_redirect(run):
    asked: list[httpx.Request] = []
    fetching = Outgoing(("good.example",), transport=answering({"https://good.example/": moved("https://good.example/2")}, asked))
    answer = run(fetching.post("https://good.example/", {"token": "x"}))
    assert (answer.status, len(asked)) == (302, 1)


def test_redirects_without_end_are_given_up(run):
    asked: list[httpx.Request] = []
    fetching = Outgoing(("good.example",), transport=answering({"https://good.example/": moved("/")}, asked))
    with pytest.raises(FhirError, match="redirected more than"):
        run(fetching.get("https://good.example/"))
    assert len(asked) == REDIRECTS + 1


def test_an_answer_is_capped_as_it_comes(run):
    with local_server(lambda _: reply(b"x" * 5000)) as port, pytest.raises(FhirError) as refused:
        run(outgoing("127.0.0.1").get(f"http://127.0.0.1:{port}/", most=4000))
    assert refused.value.category is Category.TOO_LARGE


def test_a_small_document_that_comes_packed_unasked_is_refused(run):
    with local_server(lambda _: reply(b"x", content_encoding="br")) as port, pytest.raises(FhirError, match="packed"):
        run(outgoing("127.0.0.1").get(f"http://127.0.0.1:{port}/"))


def test_an_answer_that_never_comes_is_given_up(run):
    async def asked() -> None:
        gone = asyncio.Event()
        server = await asyncio.start_server(lambda *_: gone.wait(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await outgoing("127.0.0.1", seconds=0.2).get(f"http://127.0.0.1:{port}/")
        finally:
            server.close()

    with pytest.raises(FhirError, match=r"within 0\.2 seconds") as refused:
        run(asked())
    assert refused.value.category is Category.BUSY


def test_a_body_that_drips_is_given_up_while_a_slow_reader_is_not(run):
    async def dripping() -> Any:
        while True:
            await asyncio.sleep(0.02)
            yield b"x"

    async def read() -> None:
        request = httpx.Request("GET", "https://good.example/")
        async for _ in pieces(httpx.Response(200, content=dripping(), request=request), 10**6, 0.1):
            await asyncio.sleep(0.05)

    async def ready() -> Any:
        for _ in range(5):
            yield b"x"

    async def read_slowly() -> int:
        request = httpx.Request("GET", "https://good.example/")
        count = 0
        async for _ in pieces(httpx.Response(200, content=ready(), request=request), 10**6, 0.1):
            await asyncio.sleep(0.05)
            count += 1
        return count

    with pytest.raises(FhirError) as refused:
        run(read())
    assert refused.value.category is Category.BUSY
    assert run(read_slowly()) == 5


def test_no_proxy_of_the_environment_is_used(run, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with local_server(lambda _: reply(b"direct")) as port:
        assert run(outgoing("127.0.0.1").get(f"http://127.0.0.1:{port}/")).body == b"direct"


def test_nothing_else_of_the_server_speaks_http_to_others():
    """The client for integrators is asked by its user; everything that the server fetches goes through `security.outgoing`."""
    top = Path(__file__).parents[2]
    names = ("import httpx", "urllib.request", "http.client", "import requests", "import aiohttp", "open_connection(", "create_connection(")
    found = {
        str(file.relative_to(top))
        for folder in ("fhir_server", "adapters")
        for file in (top / folder).rglob("*.py")
        if any(name in file.read_text(encoding="utf-8") for name in names)
    }
    allowed = {f"fhir_server/client/{file.name}" for file in (top / "fhir_server" / "client").glob("*.py")}
    allowed |= {"fhir_server/security/outgoing.py", "fhir_server/security/pinned.py", "fhir_server/security/sending.py"}
    allowed |= {"fhir_server/security/kept_connections.py"}
    allowed |= {"fhir_server/definitions/registry.py"}
    commands = {"fhir_server/commands/health.py", "fhir_server/commands/send.py", "adapters/hl7v2/client.py"}
    assert found - allowed - commands == set()

"""MLLP over TLS, HTTP and the folder on a whole server: who is believed to send, on both stores."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import send
from adapters.hl7v2.message import Message
from adapters.hl7v2.tls import client_context
from fhir_server.app import application, fhir_service
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import Hospital, hospital
from fhir_server.security.bringing import may_bring
from fhir_server.security.client import Client
from fhir_server.security.client_assertion import ASSERTION_TYPE
from fhir_server.security.registration import with_sender_key
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store
from tests.certificates import Authority, Certified
from tests.security.signing import EC, assertion_claims, jwks, public, signed

WRITES = "system/*.cruds"
HL7 = {"content-type": "application/hl7-v2"}


@dataclass
class World:
    parts: Parts
    settings: Settings
    opened: Hospital
    http: httpx.AsyncClient

    async def kept(self) -> int:
        return len(await self.parts.store.inbox.find())


Scene = Callable[[World], Awaitable[Any]]


@pytest.fixture
def raw(message: Callable[..., bytes]) -> bytes:
    return message("a03_sortie_domicile")


@pytest.fixture
def world(database_url: str, tmp_path: Path, definitions: Definitions) -> Callable[..., Any]:
    def run(scene: Scene, **chosen: Any) -> Any:
        async def main() -> Any:
            store = await open_store(database_url)
            settings = Settings(data=tmp_path, mllp_port=0, **chosen)
            parts = put_together(definitions, store, settings)
            async with hospital(parts, settings) as opened:
                app = application(parts, settings, service=fhir_service(parts, settings), opened=opened)
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
                    found = await scene(World(parts, settings, opened, http))
            await store.close()
            return found

        return asyncio.run(main())

    return run


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> dict[str, Path]:
    shown = authority.certified("listener")
    return {"mllp_tls_certificate": shown.certificate, "mllp_tls_key": shown.key, "mllp_client_authorities": authority.file}


def sender_of(raw: bytes) -> str:
    header = Message.parse(raw)
    return f"{header.text('MSH', 3)}|{header.text('MSH', 4)}"


def owner(raw: bytes, **changed: Any) -> Client:
    return replace(Client("chu", "CHU", WRITES, senders=(sender_of(raw),)), **changed)


class TestCertificates:
    """A sender is known by the certificate that it shows, wherever it connects from."""

    @pytest.mark.parametrize(
        ("registered", "shows", "changed", "code"),
        [
            ("hospital", "hospital", {}, "AA"),
            ("hospital", "another", {}, "AR"),
            ("hospital", "hospital", {"revoked": 1}, "AR"),
            ("hospital", "hospital", {"scope": "system/Patient.rs"}, "AR"),
            ("hospital", "hospital", {"senders": ("SIL|LAB",)}, "AR"),
            ("hospital", "hospital", {"senders": ()}, "AR"),
            ("hospital", "hospital", {"senders": (), "whole": True}, "AA"),
        ],
    )
    def test_who_may_send(
        self, registered: str, shows: str, changed: dict[str, Any], code: str, world: Any, raw: bytes, authority: Authority, tls: Any
    ) -> None:
        certified: dict[str, Certified] = {name: authority.certified(name) for name in ("hospital", "another")}
        shown = certified[shows]

        async def scene(there: World) -> tuple[str, int]:
            print_ = certified[registered].fingerprint
            await there.parts.store.registry.add(owner(raw, certificates=(print_,), **changed))
            context = client_context(authority.file, shown.certificate, shown.key)
            answer = await send(raw, port=there.opened.mllp_port or 0, tls=context)
            return acknowledgement_code(answer), await there.kept()

        assert world(scene, authentication="required", **tls) == (code, 1 if code == "AA" else 0)

    def test_a_certificate_of_one_client_does_not_speak_for_another_at_the_same_address(
        self, world: Any, raw: bytes, authority: Authority, tls: Any
    ) -> None:
        shown = authority.certified("neighbour")

        async def scene(there: World) -> str:
            await there.parts.store.registry.add(owner(raw, addresses=("127.0.0.1",)))
            await there.parts.store.registry.add(Client("other", "Other", WRITES, senders=("X|Y",), certificates=(shown.fingerprint,)))
            context = client_context(authority.file, shown.certificate, shown.key)
            return acknowledgement_code(await send(raw, port=there.opened.mllp_port or 0, tls=context))

        assert world(scene, authentication="required", **tls) == "AR"


class TestHttp:
    """`POST /hl7v2` asks who is calling as a FHIR write does."""

    def test_anyone_on_this_machine_sends_where_callers_are_not_authenticated(self, world: Any, raw: bytes) -> None:
        async def scene(there: World) -> tuple[int, str, int]:
            answer = await there.http.post("/hl7v2", content=raw, headers=HL7)
            return answer.status_code, acknowledgement_code(answer.content), await there.kept()

        assert world(scene) == (200, "AA", 1)

    def test_without_a_token_nothing_is_read(self, world: Any, raw: bytes) -> None:
        async def scene(there: World) -> tuple[int, bool, int]:
            await there.parts.store.registry.add(owner(raw, addresses=("127.0.0.1",)))
            answer = await there.http.post("/hl7v2", content=raw, headers=HL7)
            return answer.status_code, "www-authenticate" in answer.headers, await there.kept()

        assert world(scene, authentication="required") == (401, True, 0)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({}, "AA"),
            ({"senders": (), "whole": True}, "AA"),
            ({"senders": ()}, "AR"),
            ({"senders": ("SIL|LAB",)}, "AR"),
            ({"scope": "system/Patient.cu"}, 403),
            ({"scope": "user/*.cruds"}, 403),
            ({"scope": "system/Patient.cu system/Encounter.cu"}, "AA"),
        ],
    )
    def test_who_may_send_by_key(self, changed: dict[str, Any], code: str | int, world: Any, raw: bytes) -> None:
        async def scene(there: World) -> tuple[str | int, int]:
            client, key = with_sender_key(owner(raw, **changed))
            await there.parts.store.registry.add(client)
            answer = await there.http.post("/hl7v2", content=raw, headers={**HL7, "authorization": f"Bearer {key}"})
            return acknowledgement_code(answer.content) if answer.status_code == 200 else answer.status_code, await there.kept()

        assert world(scene, authentication="required") == (code, 1 if code == "AA" else 0)

    @pytest.mark.parametrize(("scope", "code"), [("system/*.cruds", "AA"), ("system/*.rs", 403)])
    def test_a_token_counts_with_the_scopes_that_it_has(self, scope: str, code: str | int, world: Any, raw: bytes) -> None:
        async def scene(there: World) -> str | int:
            await there.parts.store.registry.add(owner(raw, jwks=jwks(public(EC, "ec")).decode()))
            now = time.time()
            place = (await there.http.get("/.well-known/smart-configuration")).json()["token_endpoint"]
            assertion = signed(assertion_claims(iss="chu", sub="chu", aud=place, iat=now, exp=now + 200))
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
                "scope": scope,
            }
            token = (await there.http.post("/auth/token", data=form)).json()["access_token"]
            answer = await there.http.post("/hl7v2", content=raw, headers={**HL7, "authorization": f"Bearer {token}"})
            return acknowledgement_code(answer.content) if answer.status_code == 200 else answer.status_code

        assert world(scene, authentication="required") == code

    def test_a_revoked_client_is_nobody(self, world: Any, raw: bytes) -> None:
        async def scene(there: World) -> int:
            client, key = with_sender_key(owner(raw, revoked=1))
            await there.parts.store.registry.add(client)
            return (await there.http.post("/hl7v2", content=raw, headers={**HL7, "authorization": f"Bearer {key}"})).status_code

        assert world(scene, authentication="required") == 401


def settled(folder: Path) -> list[str]:
    return [one.parent.name for one in folder.glob("*/x.hl7") if one.parent.name != "working"]


class TestFolder:
    @pytest.mark.parametrize(("client", "where"), [("chu", "done"), ("nobody", "failed"), ("", "failed")])
    def test_files_come_in_the_name_of_the_client_of_the_setting(
        self, client: str, where: str, world: Any, raw: bytes, tmp_path: Path
    ) -> None:
        folder = tmp_path / "in"

        async def scene(there: World) -> list[str]:
            await there.parts.store.registry.add(owner(raw))
            (folder / "x.hl7").write_bytes(raw)
            while not (found := settled(folder)):  # noqa: ASYNC110 - what another task does to files
                await asyncio.sleep(0.02)
            return found

        assert world(scene, authentication="required", hl7v2_folder=folder, hl7v2_folder_client=client) == [where]


@pytest.mark.parametrize("filtered", ["system/Patient.cruds?_id=1 system/Encounter.cruds", "patient/*.cruds", "system/*.rs"])
def test_scopes_that_narrow_do_not_suffice_to_bring_messages(filtered: str) -> None:
    assert not may_bring(Client("a", "A", filtered, whole=True), "GAM|CHU")

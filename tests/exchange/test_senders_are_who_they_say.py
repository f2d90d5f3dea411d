"""MLLP: a registered sender is believed from its own addresses only, and nothing of a refused message is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code, may_come_again
from adapters.hl7v2.client import send
from adapters.hl7v2.message import Message
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import hospital_listener
from fhir_server.model.issue import Category, fault
from fhir_server.security.client import Client
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store

Scene = Callable[[Parts, Callable[..., Awaitable[bytes]]], Awaitable[Any]]


@pytest.fixture
def raw(message: Callable[..., bytes]) -> bytes:
    return message("a03_sortie_domicile")


@pytest.fixture
def hospital(database_url: str, tmp_path: Path, definitions: Definitions, raw: bytes) -> Callable[..., Any]:
    def run(scene: Scene, **settings: Any) -> Any:
        async def main() -> Any:
            store = await open_store(database_url)
            chosen = Settings(data=tmp_path, mllp_port=0, **settings)
            parts = put_together(definitions, store, chosen)
            async with hospital_listener(parts, chosen) as port:
                assert port
                found = await scene(parts, lambda message=raw: send(message, port=port))
            await store.close()
            return found

        return asyncio.run(main())

    return run


def owner(raw: bytes, *addresses: str, **changed: Any) -> Client:
    header = Message.parse(raw)
    sender = f"{header.text('MSH', 3)}|{header.text('MSH', 4)}"
    return replace(Client("chu", "CHU", "system/*.cruds", senders=(sender,), addresses=addresses), **changed)


@pytest.mark.parametrize(
    ("addresses", "changed", "required", "code"),
    [
        (None, {}, "off", "AA"),
        (None, {}, "required", "AR"),
        (["127.0.0.0/8"], {}, "required", "AA"),
        (["127.0.0.0/8"], {}, "off", "AA"),
        (["10.0.0.0/8"], {}, "required", "AR"),
        (["10.0.0.0/8"], {}, "off", "AR"),
        ([], {}, "off", "AR"),
        (["127.0.0.0/8"], {"revoked": 1}, "off", "AR"),
        (["127.0.0.0/8"], {"expires": 1}, "required", "AR"),
    ],
)
def test_who_may_send_in_which_name(hospital, raw, addresses, changed, required, code):
    async def scene(parts: Parts, sends: Callable[[], Awaitable[bytes]]) -> tuple[str, int]:
        if addresses is not None:
            await parts.store.registry.add(owner(raw, *addresses, **changed))
        return acknowledgement_code(await sends()), len(await parts.store.inbox.find())

    assert hospital(scene, authentication=required) == (code, 1 if code == "AA" else 0)


def test_a_sender_that_is_revoked_is_refused_with_its_next_message(hospital, raw):
    async def scene(parts: Parts, sends: Callable[[], Awaitable[bytes]]) -> list[str]:
        await parts.store.registry.add(owner(raw, "127.0.0.1"))
        first = acknowledgement_code(await sends())
        await parts.store.registry.replace(owner(raw, "127.0.0.1", revoked=1))
        return [first, acknowledgement_code(await sends())]

    assert hospital(scene, authentication="required") == ["AA", "AR"]


@pytest.mark.parametrize(("asks", "code"), [(b"", "AE"), (b"AL|NE|", "CE")])
def test_a_sender_that_cannot_be_looked_up_now_is_asked_to_send_again(hospital, raw, monkeypatch, asks, code):
    """AR or CR would be a dead letter with the sender: the message was never looked at."""

    async def unreachable() -> int:
        raise fault(Category.BUSY, "transient", "The database cannot be reached. Try again in a moment.")

    async def scene(parts: Parts, sends: Callable[..., Awaitable[bytes]]) -> bytes:
        monkeypatch.setattr(parts.store.registry, "revision", unreachable)
        return await sends(raw.replace(b"|||||FRA|", b"|||" + (asks or b"||") + b"FRA|", 1))

    answer = hospital(scene)
    assert (acknowledgement_code(answer), may_come_again(answer)) == (code, True)

"""`passerelle clients` as an operator uses it, on both stores."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_server.cli import main
from fhir_server.security.client import Client
from fhir_server.security.jwk_set import read_jwk_set
from fhir_server.security.sender_key import key_digest
from fhir_server.store.opening import open_store
from tests.security.signing import EC, jwks, public

Command = Callable[..., int]


@pytest.fixture
def clients(database_url: str, tmp_path: Path) -> Command:
    def called(*arguments: str | Path) -> int:
        with pytest.raises(SystemExit) as end:
            main(["clients", *map(str, arguments), "--data", str(tmp_path), "--database", database_url])
        return int(end.value.code or 0)

    return called


@pytest.fixture
def kept(database_url: str) -> Callable[[], list[Client]]:
    async def read() -> list[Client]:
        store = await open_store(database_url)
        try:
            return await store.registry.clients()
        finally:
            await store.close()

    return lambda: asyncio.run(read())


def test_a_client_with_a_generated_key_pair(clients, kept, tmp_path, capsys):
    file = tmp_path / "private.json"
    assert clients("add", "GP software", "--id", "gp", "--scope", "system/CarePlan.rs", "--generate", file) == 0
    assert "client_id gp" in capsys.readouterr().out
    private = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (client,) = kept()
    assert read_jwk_set(client.jwks.encode()).has(private["kid"])
    assert private["d"] not in client.jwks


def test_all_that_can_be_said_of_a_client(clients, kept, tmp_path):
    (tmp_path / "jwks").write_bytes(jwks(public(EC, "k")))
    arguments = (
        "--jwks", tmp_path / "jwks", "--certificate", "AB" * 32, "--sender", "GAM|CHU", "--sender", "GAM|CHU2", "--address", "10.1.0.0/16",
        "--actor", "Organization/a", "--actor", "Organization/b", "--whole", "--tenant", "north", "--role", "administrator",
        "--expires", "2030-01-01",
    )  # fmt: skip
    assert clients("add", "Hospital", "--scope", "system/*.cruds", *arguments) == 0
    (client,) = kept()
    assert client.certificates == ("ab" * 32,)
    assert client.senders == ("GAM|CHU", "GAM|CHU2")
    assert client.addresses == ("10.1.0.0/16",)
    assert client.actors == (("Organization", "a"), ("Organization", "b"))
    assert (client.whole, client.tenant, client.roles, client.expires) == (True, "north", ("administrator",), 1893456000)


def test_a_key_to_be_sent_is_in_its_file_only(clients, kept, tmp_path, capsys):
    file = tmp_path / "key"
    assert clients("add", "Hospital", "--scope", "system/*.cruds", "--key", file) == 0
    key = file.read_text().strip()
    (client,) = kept()
    assert client.keys == (key_digest(key.encode()),)
    assert key not in capsys.readouterr().out


def test_rotation_replaces_the_keys_or_keeps_them_beside(clients, kept, tmp_path):
    clients("add", "GP", "--id", "gp", "--scope", "system/*.rs", "--generate", tmp_path / "1", "--key", tmp_path / "k1")
    kids = [json.loads((tmp_path / "1").read_text())["kid"]]
    for number, more in (("2", ["--keep-old"]), ("3", [])):
        assert clients("rotate", "gp", "--generate", tmp_path / number, "--key", tmp_path / f"k{number}", *more) == 0
        kids.append(json.loads((tmp_path / number).read_text())["kid"])
        (client,) = kept()
        assert [read_jwk_set(client.jwks.encode()).has(kid) for kid in kids] == ([True, True] if more else [False, False, True])
        assert len(client.keys) == (2 if more else 1)


def test_a_revoked_client_stays_in_the_list_and_its_id_is_not_given_again(clients, kept, capsys):
    clients("add", "GP", "--id", "gp", "--scope", "system/*.rs", "--jwks-url", "https://gp.example.org/jwks")
    assert clients("revoke", "gp") == 0
    assert kept()[0].revoked
    assert clients("list") == 0
    assert "gp  revoked  GP  jwks-url  system/*.rs" in capsys.readouterr().out
    assert clients("add", "GP", "--id", "gp", "--scope", "system/*.rs") == 2
    assert clients("rotate", "gp", "--jwks-url", "https://gp.example.org/jwks") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scope", "system/Patient.sr"], "system/Patient.sr is no scope"),
        (["--scope", "system/*.rs", "--jwks-url", "http://gp.example.org/jwks"], "https://"),
        (["--scope", "system/*.rs", "--jwks", "/no/such/file"], "No such file"),
        (["--scope", "system/*.rs", "--certificate", "xyz"], "--certificate"),
        (["--scope", "system/*.rs", "--sender", "GAM"], "MSH-3|MSH-4"),
        (["--scope", "system/*.rs", "--address", "10.1.2.3/8"], "--address"),
        (["--scope", "system/*.rs", "--actor", "x"], "Organization/id"),
        (["--scope", "system/*.rs", "--id", "a b"], "id"),
        (["--scope", "system/*.rs", "--generate", "/no/such/folder/key"], "cannot be written"),
    ],
)
def test_what_cannot_be_registered_is_told(clients, kept, capsys, arguments, words):
    assert clients("add", "GP", *arguments) == 2
    assert words in capsys.readouterr().err
    assert kept() == []


def test_a_file_that_is_there_is_not_overwritten(clients, kept, tmp_path):
    (tmp_path / "key").write_text("mine")
    assert clients("add", "GP", "--scope", "system/*.rs", "--key", tmp_path / "key") == 2
    assert (tmp_path / "key").read_text() == "mine"
    assert kept() == []


def test_a_private_key_is_not_taken_for_a_public_one(clients, capsys, tmp_path):
    (tmp_path / "private").write_bytes(jwks(EC.as_dict(private=True)))
    assert clients("add", "GP", "--scope", "system/*.rs", "--jwks", tmp_path / "private") == 2
    assert "private" in capsys.readouterr().err

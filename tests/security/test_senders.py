"""Who may send messages in which name, by key, certificate or address."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest

from fhir_server.security.client import Client, Clients
from fhir_server.security.proxy_certificate import certificate_fingerprint, is_within, networks
from fhir_server.security.sender import SenderRefused, Shown, sending_client
from fhir_server.security.sender_key import is_sender_key, key_digest, new_sender_key

HOSPITAL = Client("chu", "CHU", "system/*.cruds", senders=("GAM|CHU",), addresses=("10.1.0.0/16",))
LABORATORY = Client("lab", "Laboratory", "system/*.cruds", senders=("SIL|LAB",), revoked=5)
ANY = Client("hub", "Hub", "system/*.cruds")
CLIENTS = Clients.of([HOSPITAL, LABORATORY, ANY])


@pytest.mark.parametrize("shown", [Shown("chu"), Shown("chu", "192.0.2.1"), Shown("", "10.1.2.3"), Shown("", "::ffff:10.1.2.3")])
def test_a_registered_sender_is_believed_by_key_or_address(shown):
    assert sending_client("GAM|CHU", shown, CLIENTS, 9, required=True) is HOSPITAL


@pytest.mark.parametrize("shown", [Shown(), Shown("", "10.2.0.1"), Shown("hub"), Shown("lab"), Shown("", "not an address")])
@pytest.mark.parametrize("required", [True, False])
def test_nobody_else_speaks_in_its_name(shown, required):
    with pytest.raises(SenderRefused, match="GAM"):
        sending_client("GAM|CHU", shown, CLIENTS, 9, required=required)


@pytest.mark.parametrize("required", [True, False])
def test_a_revoked_sender_is_refused_and_its_name_is_free_for_nobody(required):
    for shown in (Shown("lab"), Shown("hub"), Shown()):
        with pytest.raises(SenderRefused):
            sending_client("SIL|LAB", shown, CLIENTS, 9, required=required)


def test_a_sender_that_nobody_registered():
    assert sending_client("NEW|X", Shown(), CLIENTS, 9, required=False) is None
    assert sending_client("NEW|X", Shown("hub"), CLIENTS, 9, required=True) is ANY
    for shown in (Shown(), Shown("chu"), Shown("lab")):
        with pytest.raises(SenderRefused, match="not registered"):
            sending_client("NEW|X", shown, CLIENTS, 9, required=True)


def test_a_key_has_256_bits_and_is_kept_as_its_digest():
    key = new_sender_key()
    assert is_sender_key(key.encode())
    assert key != new_sender_key()
    assert key_digest(key.encode()) == hashlib.sha256(key.encode()).hexdigest()
    assert not is_sender_key(b"passerelle-short")


DER = b"\x30\x82\x01\x00" + bytes(range(100))
PRINT = hashlib.sha256(DER).hexdigest()
BASE64 = base64.b64encode(DER).decode()


@pytest.mark.parametrize(
    "header",
    [
        PRINT, PRINT.upper(), ":".join(PRINT[at : at + 2] for at in range(0, 64, 2)), BASE64, f":{BASE64}:",
        quote(f"-----BEGIN CERTIFICATE-----\n{BASE64}\n-----END CERTIFICATE-----\n"),
    ],
)  # fmt: skip
def test_a_certificate_is_known_by_its_fingerprint_however_the_proxy_tells_of_it(header):
    assert certificate_fingerprint(header) == PRINT


@pytest.mark.parametrize("header", ["", "x", "SUCCESS", PRINT[:40], "a" * 20_000, quote("-----BEGIN CERTIFICATE-----")])
def test_what_is_no_certificate_is_none(header):
    assert certificate_fingerprint(header) is None


def test_addresses_are_of_networks():
    assert is_within("127.0.0.1", networks(["127.0.0.1", "10.0.0.0/8"]))
    assert not is_within("11.0.0.1", networks(["127.0.0.1", "10.0.0.0/8"]))
    assert not is_within("", networks(["0.0.0.0/0"]))
    with pytest.raises(ValueError, match="nonsense"):
        networks(["nonsense"])

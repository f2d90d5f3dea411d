"""JWKS of others: fetched seldom, again for a new key, and never from elsewhere."""

from __future__ import annotations

import asyncio
import json

import pytest

from fhir_server.security.jwk_set import UnusableKeys
from fhir_server.security.remote_keys import Fetched, RemoteKeys, lifetime
from tests.patience import PATIENCE
from tests.security.signing import EC, OTHER, jwks, public

URL = "https://gp.example.org/jwks"
ISSUER = "https://issuer.example.org/realm"


class Network:
    """Addresses and what they answer; a missing one cannot be reached."""

    def __init__(self, **_: str):
        self.pages: dict[str, Fetched] = {}
        self.asked: list[str] = []
        self.time = 1000.0
        self.fetch_later: asyncio.Event | None = None
        self.keys = RemoteKeys(self.fetch, lambda: self.time)

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.fetch_later is not None:
            await self.fetch_later.wait()
        if url not in self.pages:
            raise ConnectionError(url)
        return self.pages[url]


@pytest.fixture
def network() -> Network:
    network = Network()
    network.pages[URL] = Fetched(jwks(public(EC, "old")), "max-age=600")
    return network


def test_keys_are_fetched_once_while_they_are_fresh(network, run):
    for _ in range(3):
        assert run(network.keys.published(URL, "old")).has("old")
    assert network.asked == [URL]
    network.time += 600
    run(network.keys.published(URL, "old"))
    assert network.asked == [URL, URL]


def test_a_new_key_is_asked_for_at_most_once_a_minute(network, run):
    run(network.keys.published(URL, "old"))
    network.pages[URL] = Fetched(jwks(public(EC, "old"), public(OTHER, "new")))
    assert not run(network.keys.published(URL, "new")).has("new"), "the set was fetched just now"
    network.time += 60
    assert run(network.keys.published(URL, "new")).has("new")
    for number in range(5):
        run(network.keys.published(URL, f"made-up-{number}"))
    assert len(network.asked) == 2


def test_who_asks_for_a_made_up_key_keeps_nobody_waiting(network, run):
    async def race() -> bool:
        await network.keys.published(URL, "old")
        network.time += 60
        network.fetch_later = asyncio.Event()
        slow = asyncio.create_task(network.keys.published(URL, "made-up"))
        await asyncio.sleep(0)
        found = await network.keys.published(URL, "old")
        network.fetch_later.set()
        await slow
        return bool(found.has("old"))

    assert run(asyncio.wait_for(race(), PATIENCE))


def test_a_failure_leaves_the_keys_that_were_there_for_a_day_at_most(network, run):
    run(network.keys.published(URL, "old"))
    del network.pages[URL]
    network.time += 3600
    assert run(network.keys.published(URL, "old")).has("old")
    network.time += 24 * 3600
    with pytest.raises(UnusableKeys, match="cannot be fetched"):
        run(network.keys.published(URL, "old"))


def test_an_address_that_fails_is_not_asked_again_at_once(network, run):
    for _ in range(3):
        with pytest.raises(UnusableKeys):
            run(network.keys.published("https://gone.example.org/", "x"))
    assert len(network.asked) == 1


def discovery(**changed: object) -> Fetched:
    return Fetched(json.dumps({"issuer": ISSUER, "jwks_uri": URL, **changed}).encode())


def test_an_issuer_is_discovered(network, run):
    network.pages[ISSUER + "/.well-known/openid-configuration"] = discovery()
    assert run(network.keys.of_issuer(ISSUER, "old")).has("old")


@pytest.mark.parametrize(
    "document",
    [
        discovery(issuer="https://evil.example.org"), discovery(jwks_uri="http://issuer.example.org/jwks"), discovery(jwks_uri="file:///etc/passwd"),
        discovery(jwks_uri=None), Fetched(b"<html>"), Fetched(b"[]"), Fetched(b" " * 70_000),
    ],
)  # fmt: skip
def test_a_discovery_document_that_cannot_be_trusted_is_refused(network, run, document):
    network.pages[ISSUER + "/.well-known/openid-configuration"] = document
    with pytest.raises(UnusableKeys):
        run(network.keys.of_issuer(ISSUER, "old"))
    assert network.asked == [ISSUER + "/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 3600), ("public, max-age=300", 300), ("max-age=0", 60), ("no-store", 60), ("max-age=99999999", 86400), ("s-maxage=5", 3600)],
)
def test_what_cache_control_says_counts_within_bounds(header, seconds):
    assert lifetime(header) == seconds

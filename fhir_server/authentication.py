"""Where authentication is joined to the settings, the store, the network and the record."""

from __future__ import annotations

import time

import structlog

from fhir_server.assembly import Parts
from fhir_server.issuers import issuers_of
from fhir_server.known_actors import known_actors
from fhir_server.model.issue import FhirError
from fhir_server.rest.authentication import Authentication, Authenticator, Nobody
from fhir_server.security.jwk_set import MOST_BYTES
from fhir_server.security.outgoing import Answer, Outgoing
from fhir_server.security.protection import Protection
from fhir_server.security.proxy_certificate import networks
from fhir_server.security.remote_keys import Fetched, RemoteKeys
from fhir_server.settings import Settings

SECONDS = 10.0
"""So long an issuer may take to answer."""

log = structlog.stdlib.get_logger("passerelle.authentication")


def authentication_of(parts: Parts, settings: Settings) -> Authentication:
    """Who is let in, as the settings say."""
    if settings.authentication == "off":
        return Nobody()
    network = IssuerNetwork(Outgoing(settings.allowed_hosts, settings.allowed_networks, seconds=SECONDS))
    keys = RemoteKeys(network.fetch, time.monotonic)
    return Authenticator(protection_of(settings), parts.store.registry, keys, network.ask, known_actors(parts.endpoint))


def protection_of(settings: Settings) -> Protection:
    """What the settings say about authentication."""
    return Protection(
        settings.base_url, frozenset(settings.assertion_algorithms), issuers_of(settings), networks(settings.proxy_addresses),
        settings.client_certificate_header.lower().encode(),
    )  # fmt: skip


class IssuerNetwork:
    """Keys, discovery documents and introspection, over the one way out; what fails is an OSError, and told in the log."""

    def __init__(self, outgoing: Outgoing):
        self._outgoing = outgoing

    async def fetch(self, url: str) -> Fetched:
        try:
            answer = await self._outgoing.get(url, headers={"accept": "application/json"}, most=MOST_BYTES)
        except FhirError as error:
            raise _failed(url, str(error)) from None
        return Fetched(_good(url, answer), answer.headers.get("cache-control", ""))

    async def ask(self, url: str, form: dict[str, str], headers: dict[str, str]) -> bytes:
        try:
            return _good(url, await self._outgoing.post(url, form, headers=headers, most=MOST_BYTES))
        except FhirError as error:
            raise _failed(url, str(error)) from None


def _good(url: str, answer: Answer) -> bytes:
    if answer.status != 200:
        raise _failed(url, f"it answered {answer.status}")
    return answer.body


def _failed(url: str, reason: str) -> OSError:
    log.warning("issuer cannot be asked", url=url, reason=reason)
    return OSError(reason)

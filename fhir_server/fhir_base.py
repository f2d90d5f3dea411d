"""What the FHIR base stands on, out of the parts and the settings: for the server that answers, and for workers that tell others."""

from __future__ import annotations

from fhir_server.assembly import Parts
from fhir_server.authentication import authentication_of
from fhir_server.rest.routes import AUDITED_ROUTES, ROUTES
from fhir_server.rest.service import Service
from fhir_server.rest.settings import RestSettings
from fhir_server.security.outgoing import Outgoing
from fhir_server.settings import Settings
from fhir_server.subscriptions.acceptance import Acceptance
from fhir_server.version import version


def fhir_service(parts: Parts, settings: Settings) -> Service:
    """What the FHIR base stands on; its runner of asynchronous requests is to be attended while the server runs."""
    routes = AUDITED_ROUTES if settings.audits else ROUTES
    acceptance = Acceptance(Outgoing(settings.allowed_hosts, settings.allowed_networks), parts.topics, settings.subscriptions_per_client)
    authentication = authentication_of(parts, settings)
    return Service(parts.interactions, parts.validator, rest_settings(settings), routes, authentication, acceptance=acceptance)


def rest_settings(settings: Settings) -> RestSettings:
    """The settings of the HTTP side of FHIR."""
    return RestSettings(
        settings.base_url, settings.max_body_bytes, settings.strict_search, settings.default_count, settings.max_count, version(),
        settings.compress, settings.max_import_bytes, settings.import_sources, settings.job_hours,
        settings.allowed_networks, settings.audits, settings.break_glass_hours,
    )  # fmt: skip

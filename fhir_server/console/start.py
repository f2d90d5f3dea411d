"""The start page: what is running, where to look, what to try."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fhir_server.console.address import fhir_base, host_and_port
from fhir_server.console.page import Pages
from fhir_server.demo import DEMO_INS, INS_SYSTEM
from fhir_server.settings import Settings
from fhir_server.version import version


@dataclass(frozen=True, slots=True)
class Link:
    """`name` is the key of its texts."""

    name: str
    path: str


def links(has_api: bool) -> list[Link]:
    """The places that the start page leads to."""
    api = [Link("api", "/api")] if has_api else []
    return [Link("metadata", "/fhir/metadata"), *api, Link("docs", "/docs/"), Link("health", "/health/ready"), Link("metrics", "/metrics")]


def start_page(request: Request, settings: Settings, pages: Pages) -> Response:
    """GET /"""
    base = fhir_base(request, settings.base_url)
    return pages.page(
        request, "start.html", section="start", version=version(), base=base, mllp=mllp_address(settings), chosen=settings.mllp_port == 0,
        database=database_kind(settings), authenticates=settings.authentication == "required", links=links(pages.has_api),
        care_plan=care_plan_command(base), default_mllp=settings.mllp_port == Settings.model_fields["mllp_port"].default,
    )  # fmt: skip


def mllp_address(settings: Settings) -> str | None:
    """`127.0.0.1:2575`; None where MLLP is off."""
    return host_and_port(settings.mllp_host, settings.mllp_port) if settings.mllp else None


def database_kind(settings: Settings) -> str:
    """The kind only: a path or a URL would tell more than a visitor needs."""
    return "PostgreSQL" if settings.database.startswith("postgresql:") else "SQLite"


def care_plan_command(base: str) -> str:
    """The curl command that reads the demonstration's care plan and its team, quoted for a shell."""
    url = f"{base}/CarePlan?patient.identifier={INS_SYSTEM}|{DEMO_INS}&_include=CarePlan:care-team"
    return f"curl {shlex.quote(url)}"

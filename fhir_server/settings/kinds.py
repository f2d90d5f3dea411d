"""The kinds of values that settings have: how each is written in one line, and what is allowed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from fhir_server.identifiers.grades import Grade
from fhir_server.identifiers.kinds import KINDS as IDENTIFIER_KINDS
from fhir_server.security.algorithm import KINDS
from fhir_server.security.destination import Allowed


def _listed(value: Any) -> Any:
    """A list out of `a, b, c`, as environment variables and options write it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _paired(key: str, value: str) -> Callable[[Any], Any]:
    """Makes a table out of `a=x, b=y`; the names say in the error what belongs on either side."""

    def read(given: Any) -> Any:
        if not isinstance(given, str):
            return given
        pairs = [part.partition("=") for part in _listed(given)]
        if any(not equals for _, equals, _ in pairs):
            raise ValueError(f"write it as {key}={value}, other={value}")
        return {name.strip(): text.strip() for name, _, text in pairs}

    return read


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA list (Europe/Paris, Indian/Reunion...)") from None
    return name


def _database_url(url: str) -> str:
    if url and not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("write it as sqlite:///FILE or postgresql://USER@HOST/NAME")
    return url


def _allowing(entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        Allowed.read(entry)
    return entries


def _networks(entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        ipaddress.ip_network(entry)
    return entries


def _algorithms(names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := set(names) - KINDS.keys():
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be allowed; choose among {', '.join(KINDS)}")
    return names


def _known_kinds(grades: dict[str, Grade]) -> dict[str, Grade]:
    if unknown := grades.keys() - IDENTIFIER_KINDS.keys():
        raise ValueError(f"{', '.join(sorted(unknown))} is no kind of identifier; choose among {', '.join(IDENTIFIER_KINDS)}")
    return grades


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Addresses = Annotated[Names, AfterValidator(_allowing)]
Networks = Annotated[Names, AfterValidator(_networks)]
Algorithms = Annotated[Names, AfterValidator(_algorithms)]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneBySender = Annotated[dict[str, Zone], NoDecode, BeforeValidator(_paired("sender", "zone"))]
LanguageBySender = Annotated[dict[str, Literal["fr", "en"]], NoDecode, BeforeValidator(_paired("sender", "language"))]
WriteMode = Literal["off", "warn", "refuse"]
WriteModes = Annotated[dict[str, WriteMode], NoDecode, BeforeValidator(_paired("type", "mode"))]
IdentifierGrades = Annotated[dict[str, Grade], NoDecode, BeforeValidator(_paired("kind", "grade")), AfterValidator(_known_kinds)]
TimeByRule = Annotated[dict[str, str], NoDecode, BeforeValidator(_paired("rule", "time"))]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Port = Annotated[int, Field(ge=0, le=65535)]

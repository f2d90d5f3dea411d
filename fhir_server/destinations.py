"""The destinations of the file that the setting `destinations` names (docs/exchange.md): a table each, with its transport and its rules."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from adapters.exchange.destination import Destination, Rules
from adapters.exchange.file_transport import FileTransport
from adapters.exchange.http_transport import HttpTransport
from adapters.exchange.transport import Transport
from adapters.hl7v2.client import Place
from adapters.hl7v2.mllp_transport import MllpTransport
from adapters.hl7v2.tls import client_context
from fhir_server.model.issue import FhirError
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.proxy_certificate import is_within, networks
from fhir_server.security.sending import Sending
from fhir_server.settings import Settings, SettingsError, is_loopback, read_toml

LONGEST = {"seconds": 3600, "first_pause": 86_400, "longest_pause": 86_400, "first_rest": 86_400, "longest_rest": 86_400}
"""Seconds. A time in the outbox that is further ahead counts as past (`fhir_server.store.outbox.LONGEST`)."""
RULES = frozenset(field.name for field in fields(Rules))
Table = Mapping[str, Any]


class Http(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`authorization_file` holds the value of the header Authorization; `certificate` and `key` are shown where TLS asks for them."""

    url: str
    method: str = "POST"
    headers: dict[str, str] = {}
    authorization_file: str = ""
    certificate: str = ""
    key: str = ""


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A folder that is there already."""

    folder: str


class Mllp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`authorities` are trusted instead of the system's; `certificate` and `key` are shown; `name` is the one that the partner's
    certificate has where it is not `host`. `until`: the acknowledgement that is waited for."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 2575
    tls: bool = True
    authorities: str = ""
    certificate: str = ""
    key: str = ""
    name: str = ""
    connections: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    until: Literal["accepted", "applied"] = "accepted"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a transport is made with beside its table: files named there are beside the file `folder` is of; `outgoing` is the way out."""

    folder: Path
    outgoing: Outgoing


def http(table: Table, around: Surroundings) -> Transport:
    said = msgspec.convert(table, Http)
    around.outgoing.check(said.url)
    headers = dict(said.headers)
    if said.authorization_file:
        headers["authorization"] = (around.folder / said.authorization_file).read_text(encoding="utf-8").strip()
    return HttpTransport(Sending(around.outgoing, said.url, _tls(said, around.folder)), said.url, said.method, headers)


def _tls(said: Http, folder: Path) -> ssl.SSLContext | bool:
    if not said.certificate:
        return True
    context = ssl.create_default_context()
    context.load_cert_chain(folder / said.certificate, folder / said.key if said.key else None)
    return context


def files(table: Table, around: Surroundings) -> Transport:
    folder = around.folder / msgspec.convert(table, Files).folder
    if not folder.is_dir():
        raise ValueError(f"the folder {folder} is not there")
    return FileTransport(folder)


def mllp(table: Table, around: Surroundings) -> Transport:
    """The file of the operator names the address, and no message changes it. In the clear only what lies inside is reached."""
    said = msgspec.convert(table, Mllp)
    inside = is_loopback(said.host) or is_within(said.host, networks(around.outgoing.networks))
    if not said.tls and not inside:
        raise ValueError(f"{said.host} is not reached in the clear: write an address of allowed_networks, or set tls = true")
    place = Place(said.host, said.port, _mllp_tls(said, around.folder), said.name or None)
    return MllpTransport(place, connections=said.connections, until_applied=said.until == "applied")


def _mllp_tls(said: Mllp, folder: Path) -> ssl.SSLContext | None:
    if not said.tls:
        return None
    files = (folder / name if name else None for name in (said.authorities, said.certificate, said.key))
    return client_context(*files)


TRANSPORTS: dict[str, Callable[[Table, Surroundings], Transport]] = {"http": http, "file": files, "mllp": mllp}
"""By the value of `transport`. Whoever adds one adds a line."""


class NamedDestinations:
    """Those of a file, made once."""

    def __init__(self, by_name: Mapping[str, Destination]):
        self._by_name = by_name

    async def find(self, name: str) -> Destination | None:
        return self._by_name.get(name)

    async def close(self) -> None:
        for destination in self._by_name.values():
            await destination.transport.close()


def destinations_of(settings: Settings) -> NamedDestinations:
    """Raises SettingsError, naming the table that cannot be used."""
    if settings.destinations is None:
        return NamedDestinations({})
    around = Surroundings(settings.destinations.parent, Outgoing(settings.allowed_hosts, settings.allowed_networks))
    tables = read_toml(settings.destinations)
    return NamedDestinations({name: _named(name, table, around, settings.destinations) for name, table in tables.items()})


def _named(name: str, table: Any, around: Surroundings, file: Path) -> Destination:
    try:
        return destination(name, table, around)
    except (FhirError, msgspec.ValidationError, ValueError, OSError) as error:
        raise SettingsError(f"destinations: {file}: [{name}]: {error}.") from None


def destination(name: str, table: Any, around: Surroundings) -> Destination:
    """One table of the file; ValueError where it cannot be used."""
    if not isinstance(table, dict) or table.get("transport") not in TRANSPORTS:
        raise ValueError(f"it needs a transport, one of {', '.join(TRANSPORTS)}")
    rules = msgspec.convert({key: value for key, value in table.items() if key in RULES}, Rules)
    _require_sense(rules)
    own = {key: value for key, value in table.items() if key not in RULES and key not in ("transport", "hl7v2")}
    return Destination(name, TRANSPORTS[table["transport"]](own, around), rules)


def _require_sense(rules: Rules) -> None:
    positive = ("seconds", "first_pause", "longest_pause", "at_once", "failures", "first_rest", "longest_rest")
    wrong = [name for name in positive if getattr(rules, name) <= 0]
    wrong += [name for name in ("attempts", "keep_hours", "per_minute") if getattr(rules, name) < 0]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} must be more than that")
    if long := [f"{name} is at most {most}" for name, most in LONGEST.items() if getattr(rules, name) > most]:
        raise ValueError("; ".join(long))

"""An outgoing address read in one way only, and the rules that say which may be asked.

Addresses that two readers could understand differently (`https://good.example@evil.example`, `https://good.example\\@evil.example`,
`https://good.example/exports/%2e%2e/secret`) are refused before anything is compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from fhir_server.security.network_address import is_loopback_name

PORTS = {"https": 443, "http": 80}
MOST_CHARACTERS = 4096
_HOST = r"(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
_URL = re.compile(rf"(?P<scheme>https?)://{_HOST}(?P<path>/[!-~]*)?(?P<query>\?[!-~]*)?", re.IGNORECASE)
_RULE = re.compile(rf"(?:(?P<scheme>https?)://)?{_HOST}(?P<path>/[!-~]*)?", re.IGNORECASE)
_NOT_IN_PATHS = re.compile(r"[\\?]")


@dataclass(frozen=True, slots=True)
class Destination:
    """The parts of a URL in lower case but the path; `host` without brackets, `port` always told."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials are bound to (https://www.rfc-editor.org/rfc/rfc6454#section-4)."""
        return self.scheme, self.host, self.port

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}{self.query}"


def destination(url: str) -> Destination | None:
    """The one meaning of an absolute http or https URL; a fragment is left out. None where it is not plain.

    No user information, no backslash, no characters beyond ASCII (write an international name as xn--...), no dot at the end of the host,
    no segment `..`, encoded or not.
    """
    plain = url.partition("#")[0]
    found = _URL.fullmatch(plain) if len(plain) <= MOST_CHARACTERS else None
    path = found["path"].partition("?") if found and found["path"] else ("/", "", "")
    if found is None or "\\" in plain or _climbs(path[0]) or int(found["port"] or 1) not in range(1, 65536):
        return None
    scheme = found["scheme"].lower()
    query = path[1] + path[2] + (found["query"] or "")
    return Destination(scheme, found["host"].lower().strip("[]"), int(found["port"] or PORTS[scheme]), path[0], query)


def _climbs(path: str) -> bool:
    """True where a segment is `.` or `..`, also after it is decoded twice."""
    return any(segment in (".", "..") for segment in re.split(r"[/\\]", unquote(unquote(path))))


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of an allow-list: `host`, `host:port`, `https://host/path`.

    Without a scheme only https is meant, without a port the usual one; of this machine itself (127.0.0.1, ::1, localhost) http and every
    port too. `http://host` allows what travels readable. A path allows what lies below it.
    """

    scheme: str | None
    host: str
    port: int | None
    path: str

    @classmethod
    def read(cls, text: str) -> Allowed:
        """ValueError where the entry is none."""
        found = _RULE.fullmatch(text)
        path = (found["path"] or "/") if found else "/"
        if found is None or _NOT_IN_PATHS.search(path) or _climbs(path):
            raise ValueError(f"{text!r} allows nothing; write HOST, HOST:PORT or https://HOST/PATH, with ASCII letters only")
        port = int(found["port"]) if found["port"] else None
        return cls(found["scheme"] and found["scheme"].lower(), found["host"].lower().strip("[]"), port, path)

    @property
    def is_here(self) -> bool:
        """True where this machine itself is named."""
        return is_loopback_name(self.host)

    def covers(self, asked: Destination) -> bool:
        """True where the entry allows the address."""
        schemes = (self.scheme,) if self.scheme else ("https", "http") if self.is_here else ("https",)
        any_port = self.is_here and self.scheme is None and self.port is None
        port = self.port or PORTS[asked.scheme]
        same_place = asked.host == self.host and asked.scheme in schemes and (any_port or asked.port == port)
        return same_place and (asked.path == self.path or asked.path.startswith(self.path.rstrip("/") + "/"))

"""One HTTP request as the handlers see it: parts of the path, headers, query, the asked form, and the service behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from fhir_server.model.issue import Category, fault
from fhir_server.model.language import DEFAULT, preferred_language
from fhir_server.rest.prefer import Preferences, preferences
from fhir_server.rest.view import VIEW_PARAMETERS, View, plain_view, view_of
from fhir_server.security.caller import Caller

NOTE = "passerelle.note"
"""Where the scope of a request keeps its note."""

if TYPE_CHECKING:
    from fhir_server.audit.note import Note
    from fhir_server.interactions import Interactions
    from fhir_server.rest.service import Service

Pairs = list[tuple[str, str]]
MAX_QUERY_PARAMETERS = 1000
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class Sent(NamedTuple):
    """A body as it came, to tell where in it something is wrong."""

    source: bytes
    is_xml: bool


class FhirRequest:
    """Made once per request; everything that costs is worked out when first asked for."""

    __slots__ = ("_headers", "_interactions", "_query", "_view", "id", "member", "receive", "scope", "sent", "service", "type", "version")

    def __init__(self, service: Service, scope: Scope, receive: Receive, parts: Mapping[str, str]):
        self.service = service
        self.scope = scope
        self.receive = receive
        self.type = parts.get("type", "")
        self.id = parts.get("id", "")
        self.version = parts.get("vid", "")
        self.member = parts.get("member", "")
        self.sent: Sent | None = None
        self._interactions: Interactions | None = None
        self._headers: dict[bytes, bytes] | None = None
        self._query: Pairs | None = None
        self._view: View | None = None

    @property
    def caller(self) -> Caller:
        """Who asks."""
        caller: Caller = self.scope["caller"]
        return caller

    @property
    def note(self) -> Note | None:
        """What is noted of the request for the audit trail, where there is one."""
        note: Note | None = self.scope.get(NOTE)
        return note

    @property
    def interactions(self) -> Interactions:
        """The server as the caller sees it: every handler goes this way."""
        if self._interactions is None:
            self._interactions = self.service.interactions_of(self.caller, self.note)
        return self._interactions

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        """Lower-case names; a header that came several times is joined by commas."""
        if self._headers is None:
            self._headers = _joined(self.scope["headers"])
        return self._headers

    def header(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def query(self) -> Pairs:
        """The URL's parameters in order, those that shape the answer (`_format`, `_pretty`...) included."""
        if self._query is None:
            self._query = decoded_pairs(self.scope["query_string"])
        return self._query

    @property
    def own_query(self) -> Pairs:
        """The URL's parameters without those that shape the answer."""
        return [pair for pair in self.query if pair[0] not in VIEW_PARAMETERS]

    def parameter(self, name: str) -> str | None:
        """The last value of a URL parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    @property
    def view(self) -> View:
        """The form the answer is asked in."""
        if self._view is None:
            accept = (self.headers.get(b"accept") or b"").decode("latin-1")
            self._view = view_of(accept, self.query) if self.scope["query_string"] else plain_view(accept)
        return self._view

    def view_with(self, pairs: Pairs) -> View:
        """The view where a form body may ask too."""
        self._view = view_of((self.headers.get(b"accept") or b"").decode("latin-1"), pairs)
        return self._view

    @property
    def language(self) -> str:
        """The language of Accept-Language that findings can be told in."""
        header = self.headers.get(b"accept-language")
        return preferred_language(header.decode("latin-1")) if header else DEFAULT

    @property
    def preferences(self) -> Preferences:
        header = self.headers.get(b"prefer")
        return preferences(header.decode("latin-1")) if header else Preferences()

    @property
    def is_strict(self) -> bool:
        """True where a search parameter that is not understood makes the request fail."""
        wanted = self.preferences.handling
        return wanted == "strict" or (self.service.settings.strict_search and wanted != "lenient")

    @property
    def base(self) -> str:
        """The FHIR base as this client sees it, without a slash at the end."""
        scope = self.scope
        return self.service.settings.base_url or _base(scope["scheme"], self.headers.get(b"host", b""), scope.get("root_path", ""))

    def require_id(self) -> str:
        """The id of the path, where it can be one; MALFORMED otherwise."""
        if not is_id(self.id):
            raise fault(Category.MALFORMED, "value", f"{self.id!r} cannot be an id: 1 to 64 letters, digits, '-' and '.'.")
        return self.id


def is_id(text: str) -> bool:
    """https://hl7.org/fhir/R4/datatypes.html#id"""
    return _ID.fullmatch(text) is not None


def decoded_pairs(source: bytes) -> Pairs:
    """The parameters of a query string or a form; MALFORMED where they are not UTF-8 or too many."""
    try:
        return parse_qsl(source.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_PARAMETERS)
    except UnicodeDecodeError:
        raise fault(Category.MALFORMED, "structure", "The parameters are not UTF-8, percent-encoded or plain.") from None
    except ValueError:
        raise fault(Category.TOO_LARGE, "too-costly", f"More than {MAX_QUERY_PARAMETERS} parameters are not read.") from None


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers = dict(raw)
    if len(headers) != len(raw):
        for name in headers:
            headers[name] = b", ".join(value for key, value in raw if key == name)
    return headers


@lru_cache(maxsize=256)
def _base(scheme: str, host: bytes, root_path: str) -> str:
    name = host.decode("latin-1")
    if not _HOST.fullmatch(name):
        raise fault(Category.MALFORMED, "value", "The Host header is missing or is not a host name.")
    return f"{scheme}://{name}{root_path}".rstrip("/")

"""A Subscription as it asks to be served: by criteria of R4 (https://hl7.org/fhir/R4/subscription.html), or by a topic as R5 has it
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html).

What it asks is read once here; what cannot be served is a FhirError (INVALID) with its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.temporal import parse_temporal

TYPE = "Subscription"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
PROFILE = f"{BACKPORT}backport-subscription"
_UTC = ZoneInfo("UTC")

Content = Literal["empty", "id-only", "full-resource"]
CONTENTS: tuple[Content, ...] = ("empty", "id-only", "full-resource")
SERVED = frozenset(("requested", "active", "error"))
"""Statuses of what is asked; any other, and none, asks nothing."""

MOST_SECONDS = 86_400 * 31
MOST_TOGETHER = 1000
SHORTEST_HEARTBEAT = 10
LONGEST_TIMEOUT = 300
MOST_HEADERS = 20


@dataclass(frozen=True, slots=True)
class Criteria:
    """A search: `Type?name=value&...`."""

    type: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """`criteria` is None where a topic is asked for, `topic` and `content` where it is criteria of R4.

    `channel` is the code of the channel's type, `payload` a media type, "" for none. Seconds: `heartbeat` (0: none) and `timeout` (0: the
    server's own). `together`: events of one notification at most. `end`: microseconds since 1970-01-01 UTC, 0 for never.
    """

    id: str
    status: str
    criteria: Criteria | None
    topic: str | None
    filters: tuple[Criteria, ...]
    channel: str
    endpoint: str
    payload: str
    content: Content | None
    heartbeat: int
    timeout: int
    together: int
    end: int

    @property
    def has_ended(self) -> bool:
        return self.status not in SERVED


def asked_of(resource: Resource) -> Asked:
    """What a Subscription asks; INVALID where it cannot be read so."""
    channel: Resource = resource.get("channel") or {}
    criteria = _search(str(resource.get("criteria", "")), "Subscription.criteria") if "?" in str(resource.get("criteria", "")) else None
    if criteria is None and "://" not in str(resource.get("criteria", "")):
        raise _wrong("Subscription.criteria", "write a search (Patient?identifier=...) or the canonical URL of a topic")
    topic = None if criteria else str(resource["criteria"])
    return Asked(
        str(resource.get("id", "")), str(resource.get("status", "")), criteria, topic,
        tuple(_search(str(one), "Subscription.criteria") for one in _extended(resource.get("_criteria"), "backport-filter-criteria")),
        _channel_type(channel), str(channel.get("endpoint", "")), str(channel.get("payload", "")),
        _content(channel) if topic else None,
        _whole(channel, "backport-heartbeat-period", SHORTEST_HEARTBEAT, MOST_SECONDS, 0),
        _whole(channel, "backport-timeout", 1, LONGEST_TIMEOUT, 0),
        _whole(channel, "backport-max-count", 1, MOST_TOGETHER, 1),
        _end(resource.get("end")),
    )  # fmt: skip


def headers_of(resource: Resource) -> list[str]:
    """`channel.header`, as it stands there; INVALID where one is no header, or is the server's own to set."""
    found = (resource.get("channel") or {}).get("header") or []
    if len(found) > MOST_HEADERS:
        raise _wrong("Subscription.channel.header", f"at most {MOST_HEADERS} headers are sent")
    for header in found:
        _require_header(str(header))
    return [str(one) for one in found]


def _require_header(header: str) -> None:
    name, colon, value = header.partition(":")
    plain = name.replace("-", "").replace("_", "").isalnum() and name.isascii() and all(" " <= sign <= "~" for sign in value.strip())
    if not colon or not plain or len(header) > 4096:
        raise _wrong("Subscription.channel.header", "write each header as `Name: value`, in ASCII")
    if name.lower() in _OURS:
        raise _wrong("Subscription.channel.header", f"{name} is set by the server itself")


_OURS = frozenset((
    "host", "content-length", "transfer-encoding", "connection", "content-type", "te", "upgrade", "trailer", "expect", "keep-alive",
    "proxy-connection", "accept-encoding", "content-encoding", "idempotency-key",
))  # fmt: skip
"""What says how a message goes, or which one it is."""


def _channel_type(channel: Resource) -> str:
    """The code of the extension comes before R4's own."""
    coded = next(iter(_extended(channel.get("_type"), "backport-channel-type")), None)
    return str(coded.get("code", "")) if isinstance(coded, dict) else str(channel.get("type", ""))


def _content(channel: Resource) -> Content:
    found = next(iter(_extended(channel.get("_payload"), "backport-payload-content")), "empty")
    for known in CONTENTS:
        if found == known:
            return known
    raise _wrong("Subscription.channel.payload", f"backport-payload-content is one of {', '.join(CONTENTS)}")


def _whole(channel: Resource, name: str, least: int, most: int, otherwise: int) -> int:
    found = next(iter(_extended(channel, name)), None)
    if found is None:
        return otherwise
    if not isinstance(found, int) or not least <= found <= most:
        raise _wrong("Subscription.channel", f"{name} is a whole number from {least} to {most}")
    return found


def _end(text: Any) -> int:
    return 0 if text is None else parse_temporal(str(text)).interval(_UTC)[1]


def _search(text: str, place: str) -> Criteria:
    type_name, asks, query = text.partition("?")
    try:
        if not asks:
            raise ValueError
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    except ValueError:
        raise _wrong(place, f"{text[:200]!r} is no search: write Type?name=value") from None
    if any(name.startswith("_") and name.partition(":")[0] not in _ALLOWED for name, _ in pairs):
        raise _wrong(place, f"of parameters that begin with _ only {', '.join(sorted(_ALLOWED))} narrow what is told")
    return Criteria(type_name.strip("/"), tuple(pairs))


_ALLOWED = frozenset(("_id", "_tag", "_profile", "_security", "_lastUpdated", "_has", "_filter"))


def _extended(element: Any, name: str) -> list[Any]:
    """The values of an element's extensions of this name of the backport."""
    listed = element.get("extension") or [] if isinstance(element, dict) else []
    return [_value(one) for one in listed if isinstance(one, dict) and one.get("url") == BACKPORT + name]


def _value(extension: Resource) -> Any:
    return next((value for name, value in extension.items() if name.startswith("value")), None)


def _wrong(place: str, mend: str) -> FhirError:
    return fault(Category.INVALID, "value", f"This Subscription cannot be served: {mend}.", place)

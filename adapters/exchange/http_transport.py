"""Messages by HTTP: a POST (or PUT) for each, its status the receipt (https://hl7.org/fhir/R4/http.html#create, #transaction).

The key goes along as `Idempotency-Key`, so that a receiver who knows it can tell a repeat. What an error's body says is not kept: it may
quote the message; of an OperationOutcome the codes are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from adapters.endpoint import OutboxMessage
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from fhir_server.model.json_format import decode_json

LATER = frozenset((401, 403, 407, 408, 421, 423, 425, 429))
"""Statuses below 500 that say nothing against the message: credentials to be mended, or a destination that is busy."""

MOST_CODES = 5


class HttpAnswer(Protocol):
    """A whole answer; header names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Sender(Protocol):
    """The server's way out, which asks only addresses that the operator allows. FhirError where it may not, or no answer came."""

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """To one address; a message's own address is looked at from there. `headers` may hold credentials."""

    sender: Sender
    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def deliver(self, message: OutboxMessage) -> Answer:
        headers = {"content-type": message.content_type, "accept": "application/fhir+json", "idempotency-key": f'"{message.key}"'}
        answer = await self.sender.send(self.method, self._address(message), headers | dict(self.headers), message.body)
        return answer_of(answer)

    async def close(self) -> None:
        await self.sender.close()

    def _address(self, message: OutboxMessage) -> str:
        return f"{self.url.rstrip('/')}/{message.address.lstrip('/')}" if message.address else self.url


def answer_of(answer: HttpAnswer) -> Answer:
    """What a status means for a message."""
    status = answer.status
    if 200 <= status < 300:
        if is_web_page(answer):
            return Later(f"answered {status} with a web page: it is from whatever stands before the destination")
        return Receipt(f"{status} {answer.headers.get('location', '')}".strip())
    if status >= 500 or status in LATER:
        return Later(f"answered {status}", retry_after(answer.headers))
    return Refused(" ".join([f"answered {status}", *codes(answer.body)]))


def is_web_page(answer: HttpAnswer) -> bool:
    """A sign-in page or the like, which a proxy or portal gives with status 200 in place of the destination that it hides."""
    is_html = answer.headers.get("content-type", "").partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
    return is_html and answer.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where it is not said (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        asked = parsedate_to_datetime(text)
        return max(0.0, (asked - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):
        return None


def codes(body: bytes) -> list[str]:
    """The codes of an OperationOutcome with the elements they are about, as far as it is one."""
    try:
        outcome: Any = decode_json(body)
        issues = outcome["issue"] if outcome["resourceType"] == "OperationOutcome" else []
        return [_code(one) for one in issues[:MOST_CODES]]
    except Exception:
        return []


def _code(issue: dict[str, Any]) -> str:
    expression = issue.get("expression") or [""]
    return f"{str(issue.get('code', ''))[:40]} {str(expression[0])[:80]}".strip()

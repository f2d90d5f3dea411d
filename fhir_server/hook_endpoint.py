"""The endpoint of one Subscription: requests are sent to it over connections that are kept as long as it is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.exchange.http_transport import answer_of
from adapters.exchange.transport import Answer, Later, Receipt
from fhir_server.model.issue import Category, FhirError
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.sending import Sending
from fhir_server.store.subscription import PREFIX
from fhir_server.subscriptions.hook_requests import HookRequest, Served
from fhir_server.subscriptions.owner import headers_kept

_ACCEPT = {"accept": "application/fhir+json"}


class HookEndpoint:
    """`seconds`: so long one may take that does not say so."""

    def __init__(self, outgoing: Outgoing, seconds: float):
        self._outgoing = outgoing
        self._seconds = seconds
        self._sending: tuple[str, Sending] | None = None

    async def sent(self, requests: Sequence[HookRequest], served: Served, key: str) -> Answer:
        """One after the other; the first that does not come to its end says what became of all."""
        sending = await self._to(served.asked.endpoint, served.asked.timeout or self._seconds)
        headers = _ACCEPT | _headers_of(served)
        answer: Answer = Receipt()
        for request in requests:
            answer = await _answer(sending, request, headers | _own(request, served, key))
            if not isinstance(answer, Receipt):
                break
        return answer

    async def close(self) -> None:
        if self._sending is not None:
            await self._sending[1].close()

    async def _to(self, endpoint: str, seconds: float) -> Sending:
        place = f"{endpoint} {seconds:g}"
        if self._sending is None or self._sending[0] != place:
            await self.close()
            self._sending = (place, Sending(replace(self._outgoing, seconds=seconds), endpoint))
        return self._sending[1]


def _headers_of(served: Served) -> dict[str, str]:
    """Those that its owner wants to be sent along."""
    return {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in headers_kept(served.subscriber))}


def _own(request: HookRequest, served: Served, key: str) -> dict[str, str]:
    """One endpoint may be that of several Subscriptions, so the key says of which it is."""
    found = {"idempotency-key": f'"{PREFIX}{served.asked.id}/{key}{request.part}"'}
    return found | ({"content-type": request.content_type} if request.content_type else {})


async def _answer(sending: Sending, request: HookRequest, headers: Mapping[str, str]) -> Answer:
    """Reasons go without the address, which the Subscription has and a log need not."""
    try:
        return answer_of(await sending.send(request.method, request.url, headers, request.body))
    except FhirError as error:
        return Later("it may not be asked (allowed_hosts)" if error.category is Category.FORBIDDEN else "no answer")

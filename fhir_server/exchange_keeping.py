"""What is let go by rule while messages are delivered: what was delivered, and what came in and was processed, after so many days.

Dead letters and failed messages are never let go by themselves (`passerelle exchange purge`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog

from fhir_server.model.issue import FhirError
from fhir_server.store.opening import now
from fhir_server.store.outbox import OutboxFilter
from fhir_server.store.store import Store

log = structlog.stdlib.get_logger("passerelle.exchange")
DAY = 86_400_000_000
LOOK_SECONDS = 3600.0


@contextlib.asynccontextmanager
async def keeping_exchange(store: Store, delivered_days: int, processed_days: int) -> AsyncIterator[None]:
    """0 days: nothing is let go."""
    task = asyncio.create_task(_while_it_runs(store, delivered_days, processed_days))
    try:
        yield
    finally:
        task.cancel()


async def _while_it_runs(store: Store, delivered_days: int, processed_days: int) -> None:
    while True:
        try:
            await let_go(store, delivered_days, processed_days, now)
        except FhirError as error:
            log.warning("old messages could not be let go", category=error.category.value)
        await asyncio.sleep(LOOK_SECONDS)


async def let_go(store: Store, delivered_days: int, processed_days: int, clock: Callable[[], int]) -> tuple[int, int]:
    """How many messages delivered, and processed, were removed."""
    out = await store.outbox.purge(OutboxFilter("delivered"), clock() - delivered_days * DAY) if delivered_days else 0
    came = await store.inbox.purge("processed", clock() - processed_days * DAY) if processed_days else 0
    if out or came:
        log.info("old messages were let go", delivered=out, processed=came)
    return out, came

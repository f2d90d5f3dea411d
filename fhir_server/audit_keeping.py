"""What is done for the audit trail while a server runs: its heads are told to the log each day, what is old is let go, and
what was recorded is made ready to be found by person.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog

from fhir_server.model.issue import FhirError
from fhir_server.security.caller import ITSELF
from fhir_server.store.audit import AuditEntry, AuditTrail
from fhir_server.store.opening import now
from fhir_server.store.stored import instant

log = structlog.stdlib.get_logger("passerelle.audit")
DAY = 86_400_000_000
INDEX_SECONDS = 60.0


async def let_go_old(audit: AuditTrail, days: int, moment: int) -> int:
    """Let go what is older than so many days, and say so in the trail itself; how many entries."""
    before = moment - days * DAY
    removed = await audit.let_go(before)
    if removed:
        reason = f"audit_days={days}: {removed} entries recorded before {instant(before)}"
        await audit.record([AuditEntry(moment, "$audit-retention", "D", subject=ITSELF.subject, client=ITSELF.client, reason=reason)])
    return removed


async def tell_heads(audit: AuditTrail) -> None:
    """A log is kept elsewhere than the database: a chain that was cut off there is longer here."""
    for head in await audit.heads():
        log.info("audit chain", chain=f"{head.chain:x}", number=head.number, hash=head.hash.hex())


@contextlib.asynccontextmanager
async def keeping_audit(audit: AuditTrail, days: int, *, leads: bool = True, clock: Callable[[], int] = now) -> AsyncIterator[None]:
    """While the server runs; of several processes, the one that `leads` does it."""
    task = asyncio.create_task(_while_it_runs(audit, days, clock)) if leads else None
    try:
        yield
    finally:
        if task:
            task.cancel()


async def _while_it_runs(audit: AuditTrail, days: int, clock: Callable[[], int]) -> None:
    told = 0
    while True:
        try:
            if clock() - told >= DAY:
                told = clock()
                await _daily(audit, days, told)
            await audit.index_patients()
        except FhirError as error:
            log.warning("the audit trail could not be looked after", category=error.category.value)
        await asyncio.sleep(INDEX_SECONDS)


async def _daily(audit: AuditTrail, days: int, moment: int) -> None:
    if days:
        await let_go_old(audit, days, moment)
    await tell_heads(audit)

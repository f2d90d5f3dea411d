"""The server as the owner of a Subscription sees it at this moment: what is found, and what is sent, is decided by that alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.security.caller import Caller

Current = Callable[[Caller], Awaitable[Caller]]
"""A caller of before as they are now: with no more than they have still. FhirError (UNAUTHENTICATED) where they are let in no more."""

Of = Callable[[Caller], Interactions]
WorkingFor = Callable[[Caller, str], AbstractAsyncContextManager[Interactions]]


@dataclass(frozen=True, slots=True)
class Sight:
    """`of` looks without telling anybody; `working_for` is for what leaves the server: it is told to the audit trail."""

    current: Current
    of: Of
    working_for: WorkingFor

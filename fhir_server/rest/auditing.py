"""Each request leaves an entry in the audit trail: with the change it makes, else before its answer goes out."""

from __future__ import annotations

from starlette.types import Scope

from fhir_server.audit.note import Note, note_of
from fhir_server.model.issue import Category, FhirError
from fhir_server.rest.request import NOTE, FhirRequest
from fhir_server.security.caller import Caller
from fhir_server.store.audit import AuditTrail, Outcome

_FAILED = frozenset((Category.BUSY, Category.STORAGE))


def begin_note(scope: Scope, caller: Caller, interaction: str) -> None:
    """From here on what is shown and changed is noted."""
    scope[NOTE] = note_of(
        caller, interaction, address=str((scope.get("client") or ("",))[0]), request_id=str(scope.get("request_id", "")),
        method=scope["method"], route=str(scope.get("route_template", "")),
        query=scope["query_string"].decode("latin-1") or None,
    )  # fmt: skip


async def tell_answered(request: FhirRequest, trail: AuditTrail) -> None:
    """Durable before the answer goes out; what a change told already is not told again, but for what was read beside it."""
    note = request.note
    if note is not None and (not note.is_told or _reads_too(note)):
        await trail.record([note.of_answer()])


def _reads_too(note: Note) -> bool:
    """A batch reads between its changes; a transaction and an operation may read something else than they write."""
    name = note.head.interaction
    return name == "batch" or bool(note.entities and (name == "transaction" or name.startswith("$")))


async def tell_refused(request: FhirRequest, trail: AuditTrail, error: FhirError) -> None:
    """What was refused, and why; of a batch or transaction as a whole."""
    note = request.note
    if note is None:
        return
    outcome: Outcome = 12 if error.category is Category.INTERNAL else 8 if error.category in _FAILED else 4
    target = (request.type, request.id) if request.type and request.id else None
    await trail.record([note.of_answer(outcome, error.issues[0].code if error.issues else "", target)])

"""Who may look at the audit trail: the data protection officer at all of it, a person at what concerns that person."""

from __future__ import annotations

from fhir_server.model.issue import Category, fault
from fhir_server.security.caller import Caller, Role

OFFICER: Role = "data-protection-officer"
TRAIL_TYPE = "AuditEvent"


def require_officer(caller: Caller) -> None:
    """FORBIDDEN for anybody but the data protection officer; administrators of the server included."""
    if OFFICER not in caller.roles:
        sentence = "The audit trail is for the data protection officer; a person's own access history is at Patient/[id]/$access-history."
        raise fault(Category.FORBIDDEN, "forbidden", sentence)


def may_see_history(caller: Caller, patient: str) -> bool:
    """True for the person, and for the data protection officer."""
    return OFFICER in caller.roles or caller.patient == patient

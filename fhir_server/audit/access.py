"""Who may look at the audit trail: the data protection officer at all of it, or of their tenant; a person at what concerns that person."""

from __future__ import annotations

from dataclasses import replace

from fhir_server.model.issue import Category, fault
from fhir_server.security.caller import Caller, Role
from fhir_server.store.audit import AuditEntry, AuditSearch

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


def within_tenant(search: AuditSearch, caller: Caller) -> AuditSearch:
    """The search, for an officer of one tenant among what callers of that tenant did."""
    if not (tenant := caller.tenant) or caller.patient:
        return search
    keeps = search.keeps
    return replace(search, keeps=lambda entry: entry.tenant == tenant and (keeps is None or keeps(entry)))


def may_read(entry: AuditEntry, caller: Caller) -> bool:
    """False for what was done in another tenant than the officer's."""
    return caller.tenant in ("", entry.tenant)

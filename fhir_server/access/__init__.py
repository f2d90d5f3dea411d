"""What a caller may see and do: decided here, for every route (docs/security.md)."""

from fhir_server.access.desk import AccessDesk
from fhir_server.access.guarded_store import GuardedStore

__all__ = ["AccessDesk", "GuardedStore"]

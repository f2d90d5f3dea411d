"""For which organisation a resource is kept: a tag that the server sets at each write."""

from __future__ import annotations

from fhir_server.model.json_format import Resource
from fhir_server.search.sight.marks import TENANT_SYSTEM


def keep_for(resource: Resource, tenant: str) -> None:
    """Tag the resource with this tenant, in place of any other."""
    meta = resource.setdefault("meta", {})
    others = [tag for tag in meta.get("tag", ()) if tag.get("system") != TENANT_SYSTEM]
    meta["tag"] = [*others, {"system": TENANT_SYSTEM, "code": tenant}]

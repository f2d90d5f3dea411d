"""What a stay opens is opened once, follows the stay while nobody has taken it up, and is withdrawn when the stay says otherwise.

So a discharge that is cancelled (HL7 v2 A13) takes back its call and its notices, and a second one opens them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fhir_server.model.json_format import Resource

OPEN = {"Task": "requested", "Communication": "preparation"}
WITHDRAWN = {"Task": "cancelled", "Communication": "not-done"}
REASON = {"text": "L'établissement a annulé ou modifié ce mouvement. / The hospital took this movement back or changed it."}


class Reader(Protocol):
    """The part of an endpoint that the rules ask."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """All matches."""


async def reconciled(type_name: str, system: str, key: str, wanted: Resource | None, reader: Reader) -> dict[str, Any] | None:
    """The Bundle entry that makes the one resource with this identifier what is wanted (None: nothing is); None where nothing changes."""
    token = f"{system}|{key}"
    found = await reader.search(type_name, [("identifier", token)])
    if not found:
        return wanted and {"resource": wanted, "request": {"method": "POST", "url": type_name, "ifNoneExist": f"identifier={token}"}}
    changed = _changed(found[0], wanted)
    return _put(changed) if changed != found[0] else None


def _changed(there: Resource, wanted: Resource | None) -> Resource:
    """What was taken up is left to those who did; what was withdrawn may be opened again."""
    opened, withdrawn = OPEN[there["resourceType"]], WITHDRAWN[there["resourceType"]]
    status = there.get("status")
    if wanted is None:
        return {**there, "status": withdrawn, "statusReason": REASON} if status == opened else there
    again = status == withdrawn and there.get("statusReason") == REASON
    if status != opened and not again:
        return there
    rest = {name: value for name, value in there.items() if not (again and name == "statusReason")}
    return {
        **rest,
        **{name: value for name, value in wanted.items() if name not in ("owner", "encounter", "focus", "about")},
        "status": opened,
    }


def _put(resource: Resource) -> dict[str, Any]:
    reference = f"{resource['resourceType']}/{resource['id']}"
    match = f'W/"{resource["meta"]["versionId"]}"'
    return {"fullUrl": reference, "resource": resource, "request": {"method": "PUT", "url": reference, "ifMatch": match}}

"""What a stay opens is opened once, follows the stay while nobody has taken it up, and is withdrawn when the stay says otherwise.

So a discharge that is cancelled (HL7 v2 A13) takes back its call and its notices, and a second one opens them again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Protocol
from urllib.parse import urlencode

from fhir_server.model.json_format import Resource

OPEN = {"Task": "requested", "Communication": "preparation"}
WITHDRAWN = {"Task": "cancelled", "Communication": "not-done"}
_SPECIAL, _ESCAPED = re.compile(r"([\\,$|])"), r"\\\1"


class Reason(Enum):
    """Why something is not wanted (any more), in French and English."""

    MOVEMENT = "L'établissement a annulé ou modifié ce mouvement. / The hospital took this movement back or changed it."
    DIED = "La personne est décédée. / The person has died."
    FOLLOWED = "Un suivi est en place ou demandé pour cette personne. / This person is followed, or support was asked for."

    @property
    def concept(self) -> dict[str, str]:
        """As a CodeableConcept."""
        return {"text": self.value}


class Reader(Protocol):
    """The part of an endpoint that the rules ask."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """All matches."""


async def reconciled(type_name: str, system: str, wanted: Mapping[str, Resource | Reason], reader: Reader) -> list[dict[str, Any]]:
    """The Bundle entries that make the resource with each of these keys, its identifier in the system, what is wanted, or is not for
    a reason.

    What changes nothing has none. All are looked for by one search.
    """
    found = await reader.search(type_name, [("identifier", ",".join(_token(system, key) for key in wanted))])
    entries = (_entry(type_name, system, key, one, _holder(found, system, key)) for key, one in wanted.items())
    return [entry for entry in entries if entry]


def _token(system: str, key: str) -> str:
    """As a search wants it (https://hl7.org/fhir/R4/search.html#escaping)."""
    return f"{system}|{_SPECIAL.sub(_ESCAPED, key)}"


def _holder(found: Sequence[Resource], system: str, key: str) -> Resource | None:
    """The resource that has the identifier; of several the oldest."""
    identifier = (system, key)
    held = (one for one in found if any((its.get("system"), its.get("value")) == identifier for its in one["identifier"]))
    return next(held, None)


def _entry(type_name: str, system: str, key: str, wanted: Resource | Reason, there: Resource | None) -> dict[str, Any] | None:
    if there is None:
        if isinstance(wanted, Reason):
            return None
        condition = urlencode({"identifier": _token(system, key)})
        return {"resource": wanted, "request": {"method": "POST", "url": type_name, "ifNoneExist": condition}}
    changed = _changed(there, wanted)
    return _put(changed) if changed != there else None


def _changed(there: Resource, wanted: Resource | Reason) -> Resource:
    """What was taken up is left to those who did; what was withdrawn may be opened again."""
    opened, withdrawn = OPEN[there["resourceType"]], WITHDRAWN[there["resourceType"]]
    status = there.get("status")
    if isinstance(wanted, Reason):
        return {**there, "status": withdrawn, "statusReason": wanted.concept} if status == opened else there
    again = status == withdrawn and there.get("statusReason") in [one.concept for one in Reason]
    if status != opened and not again:
        return there
    rest = {name: value for name, value in there.items() if not (again and name == "statusReason")}
    return {
        **rest,
        **{name: value for name, value in wanted.items() if name not in ("meta", "owner", "encounter", "focus", "about")},
        "status": opened,
    }


def _put(resource: Resource) -> dict[str, Any]:
    reference = f"{resource['resourceType']}/{resource['id']}"
    match = f'W/"{resource["meta"]["versionId"]}"'
    return {"fullUrl": reference, "resource": resource, "request": {"method": "PUT", "url": reference, "ifMatch": match}}

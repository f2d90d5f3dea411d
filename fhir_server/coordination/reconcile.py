"""What a stay opens is opened once, follows the stay while nobody has taken it up, and is withdrawn when the stay says otherwise.

So a discharge that is cancelled (HL7 v2 A13) takes back its call and its notices, and a second one opens them again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol
from urllib.parse import urlencode

from fhir_server.model.json_format import Resource

OPEN = {"Task": "requested", "Communication": "preparation"}
WITHDRAWN = {"Task": "cancelled", "Communication": "not-done"}
KEPT = ("identifier", "meta", "owner", "encounter", "focus", "about")
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be changed: what is about one of these, references to a stay and to the records of a person, for two persons' stays may
    have one number. Keys that begin with `key` began with `former`, where a stay got another number."""

    about: frozenset[str]
    key: str = ""
    former: str = ""

    def holds(self, one: Resource) -> bool:
        """Whether it is about one of them."""
        told = (one.get(name) or {} for name in ("encounter", "for", "subject"))
        return any(reference.get("reference") in self.about for reference in told)

    def keys(self, key: str) -> list[str]:
        """As it is now, and as it was before."""
        return [key, self.former + key.removeprefix(self.key)] if self.former else [key]


async def reconciled(
    type_name: str, system: str, wanted: Mapping[str, Resource | Reason], reader: Reader, scope: Scope
) -> list[dict[str, Any]]:
    """The Bundle entries that make the resource with each of these keys, its identifier in the system, what is wanted, or is not for
    a reason.

    What changes nothing has none. All are looked for by one search.
    """
    tokens = [_token(system, each) for key in wanted for each in scope.keys(key)]
    found = [one for one in await reader.search(type_name, [("identifier", ",".join(tokens))]) if scope.holds(one)]
    entries = (_entry(type_name, system, key, one, _holder(found, system, scope.keys(key))) for key, one in wanted.items())
    return [entry for entry in entries if entry]


def _token(system: str, key: str) -> str:
    """As a search wants it (https://hl7.org/fhir/R4/search.html#escaping)."""
    return f"{system}|{_SPECIAL.sub(_ESCAPED, key)}"


def _holder(found: Sequence[Resource], system: str, keys: Sequence[str]) -> Resource | None:
    """The resource that has the first of these keys that one has; of several the oldest."""
    held = (one for key in keys for one in found if _has(one, system, key))
    return next(held, None)


def _has(one: Resource, system: str, key: str) -> bool:
    return any((its.get("system"), its.get("value")) == (system, key) for its in one["identifier"])


def _entry(type_name: str, system: str, key: str, wanted: Resource | Reason, there: Resource | None) -> dict[str, Any] | None:
    if there is None:
        if isinstance(wanted, Reason):
            return None
        condition = urlencode({"identifier": _token(system, key)})
        return {"resource": wanted, "request": {"method": "POST", "url": type_name, "ifNoneExist": condition}}
    changed = _changed(there, wanted)
    if not _has(there, system, key):
        changed = {**changed, "identifier": [*there["identifier"], {"system": system, "value": key}]}
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
        **{name: value for name, value in wanted.items() if name not in KEPT},
        "status": opened,
    }


def _put(resource: Resource) -> dict[str, Any]:
    reference = f"{resource['resourceType']}/{resource['id']}"
    match = f'W/"{resource["meta"]["versionId"]}"'
    return {"fullUrl": reference, "resource": resource, "request": {"method": "PUT", "url": reference, "ifMatch": match}}

"""The patients of a Group, those of the groups in it included (https://hl7.org/fhir/R4/group.html)."""

from __future__ import annotations

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.references import parse_reference

MOST_GROUPS = 1000


async def patients_of_group(interactions: Interactions, id_: str, base: str | None = None) -> frozenset[str]:
    """The ids of the members that are active; NOT_FOUND or GONE where there is no such group. One group in the other is looked at once."""
    patients: set[str] = set()
    waiting, seen = [id_], {id_}
    while waiting:
        group = await _group(interactions, waiting.pop(), is_first=len(seen) == 1)
        for type_name, member in _members(group, base):
            if type_name == "Patient":
                patients.add(member)
            elif type_name == "Group" and member not in seen:
                seen.add(member)
                waiting.append(member)
        if len(seen) > MOST_GROUPS:
            raise fault(Category.TOO_LARGE, "too-costly", f"More than {MOST_GROUPS} groups are in this one; export them one by one.")
    return frozenset(patients)


async def _group(interactions: Interactions, id_: str, *, is_first: bool) -> Resource:
    try:
        return decode_resource((await interactions.read("Group", id_)).content or b"")
    except FhirError:
        if is_first:
            raise
        return {}


def _members(group: Resource, base: str | None) -> list[tuple[str, str]]:
    found = []
    for member in group.get("member") or ():
        reference = parse_reference(str((member.get("entity") or {}).get("reference", "")))
        if not member.get("inactive") and reference.type and reference.id and reference.base in (None, base):
            found.append((reference.type, reference.id))
    return found

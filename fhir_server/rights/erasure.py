"""Erasing a person, or single resources: contents go, the history says so, the audit trail keeps who ordered it and why."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, fault
from fhir_server.rights.dossier import Dossier, Held, remaining
from fhir_server.security.caller import ITSELF
from fhir_server.store.audit import AuditEntry
from fhir_server.store.erasure import ErasedResource, Erasure, ErasureOrder

ROUNDS = 5


async def erase_person(interactions: Interactions, found: Dossier, ordered_by: str, reason: str, moment: int) -> int:
    """Everything in the dossier that belongs to nobody else, and the texts of searches that named the person; how many of these.

    The server may run meanwhile: what was written since the dossier was made is looked for afterwards, and goes too.
    """
    left = found
    for _ in range(ROUNDS):
        resources = _resources(left.held)
        entry = _entry("$person-erase", resources, (found.patient,), ordered_by, reason, moment)
        order = ErasureOrder(Erasure(moment, ordered_by), entry, resources, left.messages, left.sent)
        await interactions.store.erasures.erase(order)
        left = await remaining(interactions, found.patient)
        if not any(one.own for one in left.held):
            return await interactions.store.audit.forget(found.patient, found.words)
    sentence = f"Patient/{found.patient} is erased, but more keeps being written about it; stop who writes, and try again."
    raise fault(Category.CONFLICT, "conflict", sentence)


async def erase_resources(interactions: Interactions, held: Sequence[Held], ordered_by: str, reason: str, moment: int) -> None:
    """Single resources, whosever they are, and the messages to others that they tell of."""
    resources = _resources(held)
    entry = _entry("$resource-erase", resources, (), ordered_by, reason, moment)
    erasures = interactions.store.erasures
    sent = [number async for number in erasures.sent_about({f"{one.type}/{one.id}" for one in held if one.own})]
    await erasures.erase(ErasureOrder(Erasure(moment, ordered_by), entry, resources, sent=tuple(sent)))


def _resources(held: Sequence[Held]) -> tuple[ErasedResource, ...]:
    return tuple(ErasedResource(one.type, one.id, one.own, one.ends) for one in held if one.own)


def _entry(
    interaction: str, resources: Sequence[ErasedResource], patients: tuple[str, ...], ordered_by: str, reason: str, moment: int
) -> AuditEntry:
    """What was erased, by type and id: nothing of its content."""
    entities = tuple((one.type, one.id, None) for one in resources)
    return AuditEntry(
        moment, interaction, "D", subject=ordered_by, client=ITSELF.client, reason=reason, entities=entities, patients=patients
    )

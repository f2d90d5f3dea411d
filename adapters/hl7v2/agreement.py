"""What a person said of the DMP (ZFA): what they said last counts, in whatever order the messages come."""

from __future__ import annotations

from datetime import datetime

from adapters.mapping.run import Run
from adapters.mapping.transaction import Matched

OBJECTION_REASON = "https://passerelle.care/fhir/StructureDefinition/objection-reason"
SAID_SINCE = "ZFA: the person said something else since; that stays"


def keep_newest(matched: list[Matched], run: Run) -> list[Matched]:
    """Without the Consents that are older than what is there; an objection that is taken back has no reason any more."""
    kept = [one for one in matched if not _is_overtaken(one)]
    if len(kept) < len(matched):
        run.note(SAID_SINCE)
    for one in kept:
        if one.template.type == "Consent" and "extension" not in one.entry.resource:
            one.entry.deleted["extension"] = [{"url": OBJECTION_REASON}]
    return kept


def _is_overtaken(one: Matched) -> bool:
    if one.template.type != "Consent" or one.existing is None:
        return False
    there, said = _moment(one.existing.get("dateTime")), _moment(one.entry.resource.get("dateTime"))
    return there is not None and said is not None and there > said


def _moment(text: object) -> datetime | None:
    """None for a day alone: it tells no order within itself."""
    moment = datetime.fromisoformat(str(text)) if "T" in str(text) else None
    return moment if moment and moment.tzinfo else None

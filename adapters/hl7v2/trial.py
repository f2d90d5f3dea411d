"""A message tried on the maps without a server: what it would become, and which line says so (`passerelle map`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.leniency import mended
from adapters.hl7v2.message import Message
from adapters.hl7v2.movement import movements, words
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.stay_state import StayState, stay_state
from adapters.hl7v2.unread import read_by_program, unread
from adapters.mapping.explain import explanation
from adapters.mapping.maps import Library
from adapters.mapping.run import Run
from fhir_server.model.json_format import encode_json


def trial(library: Library, raw: bytes) -> tuple[str, Run]:
    """The name of the map that takes a message, and its run; FhirError as a sender would get it. Times are those of Europe/Paris."""
    message, mends = mended(Message.parse(raw))
    map_ = AdtInterpreter(library).map_for(message)
    run = map_.run(message, SenderSettings())
    run.notes[:0] = mends
    return map_.name, run


def explained(library: Library, raw: bytes) -> str:
    """For a person; the library must be loaded traced."""
    name, run = trial(library, raw)
    told = explanation(run, unread(run), read_by_program(run), computed(run))
    return f"Map\n  {name}: {library.maps[name].title}\n\n{told}"


def computed(run: Run) -> list[str]:
    """What the message's movement alone would make of its stay: `Encounter.status = finished`."""
    stays = (one.resource for one in run.entries if one.resource["resourceType"] == "Encounter")
    states = [stay_state(movements(log)) for stay in stays if (log := words(stay))]
    return [line for state in states for line in _of_state(state)]


def _of_state(state: StayState) -> Iterator[str]:
    elements = {**state.elements, **({"participant": state.attending} if state.attending else {})}
    inside = {f"hospitalization.{name}": value for name, value in state.hospitalization.items()}
    for name, value in (*elements.items(), *inside.items()):
        yield f"Encounter.{name} = {value if isinstance(value, str) else encode_json(value).decode()}"


def outcome(library: Library, raw: bytes) -> str:
    """All that a message becomes, as JSON to be kept beside it and compared."""
    name, run = trial(library, raw)
    entries = [{"template": one.template, "resource": one.resource, "deleted": one.deleted} for one in run.entries]
    stay = {"computed": told} if (told := computed(run)) else {}
    return json.dumps({"map": name, "notes": run.notes, "entries": entries, **stay}, ensure_ascii=False, indent=1) + "\n"


def expected_file(message: Path) -> Path:
    """Where what a message is to become is kept: `discharge.er7` has `discharge.json`."""
    return message.with_suffix(".json")

"""A message tried on the maps without a server: what it would become, and which line says so (`passerelle map`)."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.leniency import mended
from adapters.hl7v2.message import Message
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.unread import read_by_program, unread
from adapters.mapping.explain import explanation
from adapters.mapping.maps import Library
from adapters.mapping.run import Run


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
    return f"Map\n  {name}: {library.maps[name].title}\n\n{explanation(run, unread(run), read_by_program(run))}"


def outcome(library: Library, raw: bytes) -> str:
    """All that a message becomes, as JSON to be kept beside it and compared."""
    name, run = trial(library, raw)
    entries = [{"template": one.template, "resource": one.resource, "deleted": one.deleted} for one in run.entries]
    return json.dumps({"map": name, "notes": run.notes, "entries": entries}, ensure_ascii=False, indent=1) + "\n"


def expected_file(message: Path) -> Path:
    """Where what a message is to become is kept: `discharge.er7` has `discharge.json`."""
    return message.with_suffix(".json")

"""What a map did with one input: which line filled which element, and what of the input no line read (`passerelle map explain`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.mapping.run import Entry, Run, TraceLine
from fhir_server.model.json_format import encode_json


def explanation(run: Run, unread: Sequence[str], by_program: Sequence[str] = (), computed: Sequence[str] = ()) -> str:
    """A text for a person. `run` comes from a library loaded with `traced=True`; `unread`, and what only the program reads, from the
    format's language; `computed` are the elements that no map fills."""
    sections = [
        _section("Elements", map(_line, run.trace)),
        *([_section("Computed of this movement alone; a server joins it with those it knows of the stay", computed)] if computed else []),
        _section("Resources, before they are joined with what a server has", map(_entry, run.entries)),
        _section("Notes", run.notes),
        _section("Sent, and read by the program", by_program),
        _section("Sent, and read by no line (docs/v2-to-fhir.md says of many why)", unread),
    ]
    return "\n".join(sections)


def _section(title: str, lines: Iterable[str]) -> str:
    listed = list(lines) or ["(none)"]
    return "\n".join([title, *(f"  {line}" for line in listed), ""])


def _line(line: TraceLine) -> str:
    value = encode_json(line.value).decode() if isinstance(line.value, dict | list) else str(line.value)
    return f"{line.file}:{line.line}  {line.element} = {value}  <- {line.source}"


def _entry(entry: Entry) -> str:
    deleted = f"  deletes {', '.join(entry.deleted)}" if entry.deleted else ""
    return f"{entry.template}: {encode_json(entry.resource).decode()}{deleted}"

"""The page for those who connect a hospital: every message, every field that is read, and what it becomes (docs/hl7v2-fields.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapters.hl7v2.data_types import data_types
from adapters.hl7v2.language import Hl7v2Language
from adapters.mapping.compiler import names
from adapters.mapping.document import checked, default_folder
from adapters.mapping.maps import joined, map_documents, required_path
from adapters.mapping.outline import OutlineLine, outline

_SOURCE = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:-(\d+))?((?:\.[A-Za-z]+)*)")
SEGMENTS = ("MSH", "EVN", "PID", "PD1", "ROL", "NK1", "PV1", "PV2")

HEAD = """# HL7 v2 messages, field by field

Made from the maps by `passerelle map document`; a test keeps it current. What a message does as a whole, and how it is refused, is in
[hospital.md](hospital.md); how to change a map in [mapping.md](mapping.md).

A field that is not listed is kept with the message and read by nothing. *Table* names a ConceptMap in `mappings/hl7v2/concept-maps`.
"""


@dataclass(frozen=True, slots=True)
class MapOutline:
    """A map as the page tells it. `parts`: the data types that its resources are made of, by resource."""

    name: str
    title: str
    code: str
    events: tuple[str, ...]
    required: tuple[str, ...]
    parts: dict[str, str]
    lines: list[OutlineLine]

    @property
    def messages(self) -> str:
        return ", ".join(f"{self.code}^{event}" for event in self.events)


def map_outlines(folder: Path | None = None) -> list[MapOutline]:
    """Every map of HL7 v2 under a folder (default: those that come with the program)."""
    language, read, found = Hl7v2Language(), cache(checked), []
    for document in map_documents(folder or default_folder(), read):
        head = {name: node.plain() for name, node in document.items() if name in ("map", "title", "of", "accepts", "start", "also")}
        if head["of"] != language.name:
            continue
        joint = joined(document, read)
        required = tuple(dict.fromkeys(required_path(one) for one in joint.required))
        made_of = {name: " ".join(names(one.get("of"))) for name, one in joint.resources.items()}
        accepts = head["accepts"]
        codes = accepts.get("code", ["ADT"])
        lines = outline(joint, [*head["start"], *head.get("also", ())], language)
        found.append(MapOutline(head["map"], head["title"], codes[0], tuple(accepts["event"]), required, made_of, lines))
    return sorted(found, key=lambda one: (one.code, one.events))


def field_page(folder: Path | None = None) -> str:
    """The page, as Markdown."""
    maps = map_outlines(folder)
    by_code = [_of_code(code, [one for one in maps if one.code == code]) for code in dict.fromkeys(one.code for one in maps)]
    return "\n".join([HEAD, _messages(maps), *by_code, _parts(maps)])


def _messages(maps: list[MapOutline]) -> str:
    rows = (f"| {one.messages} | {one.title} | {', '.join(map(position, one.required))} |" for one in maps)
    return "\n".join(["## Messages", "", "| Message | What it is | Required |", "| --- | --- | --- |", *rows, ""])


def _of_code(code: str, maps: list[MapOutline]) -> str:
    own = [_direct(one) for one in maps]
    shared = [line for line in own[0] if all(line in lines for lines in own)]
    sections = [f"## {code}", ""]
    if len(maps) > 1:
        sections += [f"### In all {code} messages", "", *_table(shared), ""]
    for one, lines in zip(maps, own, strict=True):
        left = [line for line in lines if line not in shared] if len(maps) > 1 else lines
        if left:
            sections += [f"### {one.messages}", "", *_table(left), ""]
    return "\n".join(sections)


def _direct(one: MapOutline) -> list[OutlineLine]:
    """The lines of what is made once for the message, not for a part of it."""
    return [line for line in one.lines if not one.parts.get(line.template)]


def _parts(maps: list[MapOutline]) -> str:
    """What persons, organizations and places become, wherever they are named."""
    found: dict[tuple[str, str], dict[OutlineLine, None]] = {}
    for one in maps:
        for line in one.lines:
            if of := one.parts.get(line.template):
                found.setdefault((line.template, of), {})[line] = None
    sections = ["## Persons, organizations, places and other parts", ""]
    for (name, of), lines in found.items():
        type_name = next(iter(lines)).element.split(".")[0]
        sections += [f"### {type_name} ({name.replace('_', ' ')}), from {of.replace(' ', ' and ')}", "", *_table(list(lines)), ""]
    return "\n".join(sections)


def _table(lines: list[OutlineLine]) -> list[str]:
    rows = [_row(line) for line in sorted(filter(_is_telling, lines), key=_order)]
    return ["| Field | Becomes | When |", "| --- | --- | --- |", *dict.fromkeys(rows)]


def _is_telling(line: OutlineLine) -> bool:
    """Fixed labels of an element (its use, its type) are left out; what a field decides and systems of numbers are told."""
    return not line.constant or line.constant.startswith("Reference(") or not re.search(r"\.(use|url|display|type\..*|code)$", line.element)


def _row(line: OutlineLine) -> str:
    becomes = f"`{line.element}`"
    if line.constant:
        becomes += f" = {line.constant}"
    if line.tables:
        becomes += f" (table {', '.join(line.tables)})"
    when = line.when.replace("|", "\\|")
    return f"| {position(line.source)} | {becomes} | {f'`{when}`' if when else ''} |"


def position(source: str) -> str:
    """`PID-3.authority.universalId` is PID-3.4.2 (authority.universalId)."""
    match = _SOURCE.fullmatch(source)
    if match is None or not match[3]:
        return source
    root, number, listed = match[1], match[2], match[3].split(".")[1:]
    kind = data_types().field_type(root, int(number)) if number else root
    numbers = "".join(f".{one}" for one in _positions(kind, listed))
    return f"{root}{f'-{number}' if number else ''}{numbers} ({'.'.join(listed)})"


def _positions(kind: str | None, listed: Iterable[str]) -> list[int]:
    found = []
    for name in listed:
        component = data_types().component(str(kind), name)
        found.append(component.position + 1)
        kind = component.type
    return found


def _order(line: OutlineLine) -> tuple[int, str, int]:
    match = _SOURCE.match(line.source)
    segment = match[1] if match else ""
    rank = SEGMENTS.index(segment) if segment in SEGMENTS else len(SEGMENTS)
    return rank, segment, int(match[2] or 0) if match else 0

"""Messages that are sent, made of FHIR resources by the maps in `mappings/hl7v2/send/` (docs/mapping.md).

raw = load_messages()["adt_a28"].compose([patient, doctor], Route(...))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.hl7v2.writer import segment
from adapters.mapping.compiler import Compiler
from adapters.mapping.document import checked, default_folder
from adapters.mapping.maps import Requirement, joined, requirement
from adapters.mapping.resource_language import ResourceLanguage, Sent
from adapters.mapping.run import Resource, Rule, Run
from adapters.mapping.source import Node
from fhir_server.identifiers.findings import require_sound
from fhir_server.model.schema import Schema

_IS_MESSAGE = re.compile(rb"^message:", re.MULTILINE)
"""So that the many maps of what comes in are not read for the few of what goes out."""


@dataclass(frozen=True, slots=True)
class Route:
    """From whom to whom, and under which number: MSH-3 to MSH-6, MSH-10, MSH-11 (P, T or D). Each may send the same number again."""

    application: str
    facility: str
    to_application: str
    to_facility: str
    control_id: str
    time: datetime
    processing: str = "P"


@dataclass(frozen=True, slots=True)
class MessageMap:
    """One kind of message that is sent."""

    name: str
    title: str
    event: str
    version: str
    required: tuple[Requirement, ...]
    segments: tuple[tuple[str, Rule], ...]

    def compose(self, resources: Iterable[Resource], route: Route) -> bytes:
        """The message in UTF-8, its segments ended by CR; FhirError(INVALID) where something is missing or an identifier is wrong."""
        sent = Sent.of(resources)
        for one in sent.all:
            require_sound(one)
        run = Run(sent, None)
        for path, present in self.required:
            if not present(run):
                raise ResourceLanguage().missing(path, run)
        lines = [self._header(route)]
        for name, rule in self.segments:
            value = rule(run, {})
            lines += [segment(name, {int(number): one for number, one in fields.items()}) for fields in _listed(value)]
        return ("\r".join(lines) + "\r").encode()

    def _header(self, route: Route) -> str:
        sent = route.time.strftime("%Y%m%d%H%M%S%z")
        ends = ("application", "facility", "to_application", "to_facility")
        places = "|".join(segment("", {1: getattr(route, end)}).lstrip("|") for end in ends)
        return f"MSH|^~\\&|{places}|{sent}||{self.event}|{route.control_id}|{route.processing}|{self.version}|||||FRA|UNICODE UTF-8|FR"


def load_messages(folder: Path | None = None, schema: Schema | None = None) -> Mapping[str, MessageMap]:
    """Every message map under a folder (default: those that come with the program); MapError, with file and line, where one is wrong or,
    with a `schema`, reads what R4 does not have.
    """
    files = (file for file in sorted((folder or default_folder()).resolve().rglob("*.yaml")) if _IS_MESSAGE.search(file.read_bytes()))
    return {one.name: one for one in (_compiled(checked(file), schema) for file in files)}


def _compiled(document: Node, schema: Schema | None) -> MessageMap:
    parts = joined(document)
    compiler = Compiler(ResourceLanguage(schema=schema), parts.blocks, {}, parts.tables)
    head = {name: document.value[name].plain() for name in ("message", "title", "event", "version")}
    segments = [item for one in document.value["segments"].value for item in one.items()]
    required = tuple(requirement(node, compiler) for node in parts.required)
    rules = tuple((name, compiler.rule(node, frozenset()).rule) for name, node in segments)
    return MessageMap(head["message"], head["title"], head["event"], head["version"], required, rules)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]

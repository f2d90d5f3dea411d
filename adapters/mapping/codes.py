"""Whether the codes that a map writes are ones that stand there: fixed codes, and what its tables give, against R4, the extensions that are
used and the profiles that its resources are to keep to (https://hl7.org/fhir/R4/terminologies.html#strength).

Each sample of a resource is put before a validator, whose findings about codes are told at the line of the map.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from adapters.mapping.document import checked, default_folder
from adapters.mapping.maps import Parts, joined, map_documents
from adapters.mapping.samples import AS_SENT, Origin, Sample, Sampler
from adapters.mapping.site import changed_parts, site_documents
from adapters.mapping.source import Node
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import encode_json

ABOUT_CODES = frozenset((
    "binding-required", "binding-extensible", "binding-unchecked", "code-unknown", "code-inactive", "code-system-unknown",
    "coding-display", "coding-supplement", "coding-system-missing", "coding-value-set",
))  # fmt: skip
"""Findings of the validator, by their message id. All others are about what a sample leaves out."""
UNCHECKED = frozenset(("binding-unchecked", "code-system-unknown"))

_STEP = re.compile(r"\.([A-Za-z]+)(?:\.ofType\(([A-Za-z]+)\))?(?:\[(\d+)\])?")

Resource = dict[str, Any]
Validate = Callable[[Resource], Iterable[Issue]]
Severity = Literal["error", "warning", "information"]
Subject = tuple[Severity, str, int, str, str]


@dataclass(frozen=True, slots=True)
class CodeFinding:
    """`error`: R4 or an extension does not take a code. `information`: nobody here can say. `code` is what the table makes it of."""

    severity: Severity
    file: str
    line: int
    element: str
    reason: str
    table: str = ""
    code: str = ""

    @property
    def subject(self) -> Subject:
        """Findings with the same one differ in their codes only."""
        return self.severity, self.file, self.line, self.element, self.table


def told(findings: Iterable[CodeFinding]) -> Iterator[str]:
    """`file:line: severity: sentence`, one for each subject: the first finding, and the codes of the others."""
    found: dict[Subject, list[CodeFinding]] = {}
    for one in sorted(dict.fromkeys(findings), key=lambda one: (one.subject[1:], one.code)):
        found.setdefault(one.subject, []).append(one)
    for (severity, file, line, element, table), (first, *others) in found.items():
        more = ", ".join(f"'{code}'" for code in dict.fromkeys(one.code for one in others) if code != first.code)
        source = f"'{first.code}' by the table {table}: " if table else ""
        yield f"{file}:{line}: {severity}: {element}: {source}{first.reason}{f' The same with {more}.' if more else ''}"


@dataclass(slots=True)
class CodeCheck:
    """`profiles`: by type those that its resources may keep to. What is asked twice is answered once."""

    validate: Validate
    profiles: Mapping[str, Sequence[str]]
    _answers: dict[bytes, list[Issue]] = field(default_factory=dict)

    def findings(self, parts: Parts) -> Iterator[CodeFinding]:
        """What is wrong with the codes of a map that could be compiled; the same thing may be told several times."""
        sampler = Sampler(parts.blocks, parts.tables)
        for name, head in parts.resources.items():
            type_ = head["type"]
            for sample in sampler.samples(replace(type_, value=parts.elements[name])):
                yield from self._of_sample(str(type_.value), sample)

    def _of_sample(self, type_name: str, sample: Sample) -> Iterator[CodeFinding]:
        node, origin = sample
        resource = {**node.plain(), "resourceType": type_name}
        known = set()
        if origin and not origin.table:
            yield from (_as_sent(issue, node, origin) for issue in self._issues(resource) if _is_sent(issue, node))
            return
        for issue in self._issues(resource):
            known.add(_told(issue))
            yield _finding(issue, node, origin)
        for profile in self.profiles.get(type_name, ()):
            for issue in self._issues({**resource, "meta": {"profile": [profile]}}):
                if _told(issue) not in known:
                    yield _finding(issue, node, origin, profile)

    def _issues(self, resource: Resource) -> list[Issue]:
        key = encode_json(resource)
        if key not in self._answers:
            self._answers[key] = [one for one in self.validate(resource) if one.message_id in ABOUT_CODES]
        return self._answers[key]


@dataclass(frozen=True, slots=True)
class CodeFindings:
    """Of the maps themselves, and what sites bring about beside it."""

    maps: tuple[CodeFinding, ...]
    sites: tuple[CodeFinding, ...] = ()

    @property
    def errors(self) -> tuple[CodeFinding, ...]:
        return tuple(one for one in (*self.maps, *self.sites) if one.severity == "error")


def code_findings(check: CodeCheck, sites: Path | None = None, folder: Path | None = None) -> CodeFindings:
    """What is wrong with the codes of the maps of a folder and the sites of another, all of which can be compiled."""
    read = cache(checked)
    documents = list(map_documents(folder or default_folder(), read))
    of_maps = dict.fromkeys(one for document in documents for one in check.findings(joined(document, read)))
    changed = (parts for site in site_documents(sites, read) for _, parts in changed_parts(site, documents, read)) if sites else ()
    of_sites = dict.fromkeys(one for parts in changed for one in check.findings(parts) if one not in of_maps)
    return CodeFindings(tuple(of_maps), tuple(of_sites))


def _told(issue: Issue) -> tuple[str | None, str]:
    return issue.expression, issue.diagnostics


def _finding(issue: Issue, sample: Node, origin: Origin | None, profile: str = "") -> CodeFinding:
    at = sample.at(_path(str(issue.expression)))
    element = re.sub(r"\[\d+\]|\.ofType\([A-Za-z]+\)", "", str(issue.expression))
    kept = f" A resource with it does not keep to {profile.rpartition('/')[2]}." if profile and issue.is_error else ""
    table, code = (origin.table, origin.code) if origin else ("", "")
    return CodeFinding(_severity(issue, profile), at.file.name, at.line, element, f"{issue.diagnostics}{kept}", table, code)


def _is_sent(issue: Issue, sample: Node) -> bool:
    """Whether the code that is not one of those required is what was sent itself, and not the coding around it."""
    return issue.message_id == "binding-required" and sample.at(_path(str(issue.expression))).value == AS_SENT


def _as_sent(issue: Issue, sample: Node, origin: Origin) -> CodeFinding:
    finding = _finding(issue, sample, None)
    allowed = issue.diagnostics.partition(" is not in the ")[2]
    reason = f"what {origin.code} says is written as it was sent, and only codes can stand here that are in the {allowed}"
    return replace(finding, severity="warning", reason=f"{reason} Use a table: | code TABLE.")


def _severity(issue: Issue, profile: str) -> Severity:
    if issue.message_id in UNCHECKED:
        return "information"
    return "error" if issue.is_error and not profile else "warning"


def _path(expression: str) -> list[str | int]:
    """The steps of `Encounter.extension[1].value.ofType(Coding)` below the resource."""
    steps: list[str | int] = []
    for name, type_name, index in _STEP.findall(expression):
        steps.append(name + type_name[:1].upper() + type_name[1:])
        steps += [int(index)] if index else []
    return steps

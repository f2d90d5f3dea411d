"""What holds for every extension: its url, its definition, where it may stand (https://hl7.org/fhir/R4/defining-extensions.html#context).

The definition's own profile checks its value and children; an extension inside another with a relative url is checked there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_server.fhirpath import FhirPathError, Node, compile_expression
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.near_miss import near_miss
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Rule, Subject, run

SOURCE = "http://hl7.org/fhir/StructureDefinition/Extension"
_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
ERRATA: dict[str, tuple[tuple[str, str], ...]] = {
    _STRUCTURE + "structuredefinition-fhir-type": (("element", "ElementDefinition.type"),),
    _STRUCTURE + "regex": (("element", "ElementDefinition.type"),),
    _STRUCTURE + "structuredefinition-normative-version": (("element", "Element"), ("element", "DomainResource")),
}
"""Contexts that definitions of 4.0.1 lack though its own snapshots use the extension there."""

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:\S+")
_EXAMPLE = re.compile(r"https?://([\w\-]+\.)*(example\.(org|com|net)|acme\.com|[\w\-]+\.example)(?=[/:#?]|$)", re.IGNORECASE)
"""Hosts that stand for examples: those of RFC 2606, and the one that HL7's own examples have."""


@cache
def published_extensions() -> frozenset[str]:
    """The names of the extensions that HL7 published for R4 after R4 (hl7.fhir.uv.extensions.r4 5.3.0), in the namespace of FHIR itself."""
    return frozenset(json.loads(files(__package__).joinpath("hl7_extensions.json").read_text("utf-8")))


MAX_HINTS = 50
_hints: ContextVar[dict[str, str] | None] = ContextVar("hints on unknown extensions", default=None)
"""url -> what it may mean. For one validation: each url is compared with all that are published, which takes a millisecond."""


def forget_hints() -> None:
    """To be called where a validation begins: it may give as many hints as any other."""
    _hints.set({})


def _meant(url: str) -> str:
    """A hint for the first MAX_HINTS urls; whoever has more wrong ones sees by these what is wrong."""
    hints = _hints.get()
    hints = {} if hints is None else hints
    if url not in hints and len(hints) < MAX_HINTS:
        hints[url] = near_miss(url.removeprefix(_STRUCTURE), published_extensions())
    return hints.get(url, "")


@dataclass(frozen=True, slots=True)
class ExtensionDefinition:
    """A StructureDefinition of an extension, as far as each use of it is concerned."""

    url: str
    is_modifier: bool
    contexts: tuple[tuple[str, str], ...]  # (type, expression)
    invariants: tuple[str, ...]
    rules: Callable[[], tuple[Rule, ...]]
    parts: frozenset[str] | None = None  # the urls of its parts; None where the definition leaves them open

    @staticmethod
    def of(resource: dict[str, Any], rules: Callable[[], tuple[Rule, ...]]) -> ExtensionDefinition:
        rows = (resource.get("snapshot") or resource.get("differential") or {}).get("element") or [{}]
        contexts = [(str(one.get("type")), str(one.get("expression"))) for one in resource.get("context", ())]
        contexts += ERRATA.get(str(resource["url"]), ())
        root = rows[0] if "." not in str(rows[0].get("path")) else {}
        return ExtensionDefinition(
            str(resource["url"]),
            root.get("isModifier") is True,
            tuple(contexts),
            tuple(map(str, resource.get("contextInvariant", ()))),
            rules,
            _parts(rows),
        )


def _parts(rows: list[dict[str, Any]]) -> frozenset[str] | None:
    named = (row.get("fixedUri") for row in rows if row.get("path") == "Extension.extension.url")
    found = frozenset(str(one) for one in named if one is not None)
    return found or None


Find = Callable[[str], ExtensionDefinition | None]


@dataclass(frozen=True, slots=True)
class ExtensionUse:
    """Stands on the type Extension, so that it meets each of them."""

    find: Find
    schema: Schema

    def check(self, subject: Subject) -> Iterable[Issue]:
        url = subject.value.get("url")
        if not isinstance(url, str):
            return
        inside = subject.parent is not None and subject.parent.type == "Extension"
        if not _ABSOLUTE.fullmatch(url):
            yield from self._part(subject, url) if inside else (_relative(subject, url),)
            return
        definition = self.find(url)
        if definition is None:
            yield self._unknown(subject, url)
            return
        yield from self._place(subject, definition)
        found: list[Issue] = []
        for rule in definition.rules():
            run(rule, subject, found)
        yield from found

    def describe(self) -> str:
        return "is defined, and allowed where it stands"

    def _part(self, subject: Subject, url: str) -> Iterator[Issue]:
        """A part of a complex extension is one that the definition names."""
        above = subject.parent.value.get("url")
        definition = self.find(above) if isinstance(above, str) and _ABSOLUTE.fullmatch(above) else None
        if definition is not None and definition.parts is not None and url not in definition.parts:
            known = ", ".join(sorted(definition.parts)) or phrase("none")
            sentence = phrase("The extension {above} has no part '{url}'; its parts: {known}.", above=above, url=url, known=known)
            yield _issue(subject, "error", "extension", sentence, "extension-part")

    def _unknown(self, subject: Subject, url: str) -> Issue:
        if subject.at[1] == "modifierExtension" and _EXAMPLE.match(url):
            sentence = phrase(
                "The modifier extension {url} has a host that stands for examples only, so nobody can know what it says.", url=url
            )
            return _issue(subject, "warning", "extension", sentence, "extension-unknown")
        if subject.at[1] == "modifierExtension":
            sentence = phrase(
                "The modifier extension {url} is in no package in use, so the element cannot be understood. Add its package.", url=url
            )
            return _issue(subject, "error", "extension", sentence, "extension-unknown")
        if url.startswith(_STRUCTURE) and url.removeprefix(_STRUCTURE) not in published_extensions():
            sentence = phrase("HL7 defines no extension {url}: mend the url, or take one of your own.{hint}", url=url, hint=_meant(url))
            return _issue(subject, "error", "extension", sentence, "extension-undefined")
        sentence = phrase("The extension {url} is in no package in use, so it was not checked. Add its package, or mend the url.", url=url)
        return _issue(subject, "information", "informational", sentence, "extension-unknown")

    def _place(self, subject: Subject, definition: ExtensionDefinition) -> Iterator[Issue]:
        as_modifier = subject.at[1] == "modifierExtension"
        if definition.is_modifier and not as_modifier:
            sentence = phrase("The extension {url} changes what its element means; it goes into modifierExtension.", url=definition.url)
            yield _issue(subject, "error", "extension", sentence, "extension-modifier")
        elif as_modifier and not definition.is_modifier:
            sentence = phrase("The extension {url} is no modifier; it goes into extension.", url=definition.url)
            yield _issue(subject, "error", "extension", sentence, "extension-modifier")
        parent = subject.parent
        if parent is None or not definition.contexts:
            return
        if not any(self._allows(kind, text, parent) for kind, text in definition.contexts):
            yield _misplaced(parent, definition, names_of(parent))
        for invariant in definition.invariants:
            yield from self._invariant(invariant, subject, definition)

    def _allows(self, kind: str, text: str, parent: Subject) -> bool:
        if kind == "element":
            return self._is_element(text, parent)
        if kind == "extension":
            holder = parent.parent if parent.type != "Extension" and parent.parent is not None else parent
            return bool(holder.type == "Extension") and _same_extension(holder, text)
        return self._is_selected(text, parent)

    def _is_element(self, text: str, parent: Subject) -> bool:
        text = text.partition("#")[2] or text
        names = names_of(parent)
        if text in names or text == "Element" or (text == "Resource" and _is_resource(parent)):
            return True
        return "." not in text and (self.schema.is_subtype(parent.type, text) or any(self._derives(name, text) for name in names))

    def _derives(self, name: str, text: str) -> bool:
        definition = self.schema.get(name)
        return definition is not None and self.schema.is_subtype(name, text)

    def _is_selected(self, text: str, parent: Subject) -> bool:
        resource = parent.context.resource
        if resource is None:
            return True
        try:
            found = compile_expression(text, self.schema).evaluate(resource, parent.context)
        except FhirPathError:
            return True
        return any(node.value is parent.value and (node.value is not None or node.sibling is parent.sibling) for node in found)

    def _invariant(self, text: str, subject: Subject, definition: ExtensionDefinition) -> Iterator[Issue]:
        parent: Subject = subject.parent
        try:
            node = Node(parent.value, parent.type, parent.sibling)
            context_variables = {**parent.context.variables, "extension": Node(subject.value, "Extension")}
            holds = compile_expression(text, self.schema).test(node, _with_variables(parent, context_variables))
        except FhirPathError as error:
            sentence = phrase("The context rule of the extension {url} could not be run here: {error}", url=definition.url, error=error)
            yield _issue(subject, "warning", "not-supported", sentence, "extension-context-unchecked")
            return
        if not holds:
            sentence = phrase("The extension {url} may not stand here: its rule {rule} is not met.", url=definition.url, rule=text)
            yield _issue(subject, "error", "extension", sentence, "extension-context")


def _with_variables(subject: Subject, variables: dict[str, Any]) -> Any:
    return replace(subject.context, variables=variables)


def names_of(subject: Subject) -> tuple[str, ...]:
    """What an element may be called in a context: its type, and its path from each type around it (`Patient.contact.name`,
    `HumanName.family`), choices as in the definition (`Observation.value[x]`).
    """
    names = dict.fromkeys((subject.type,))
    steps: list[str] = []
    current: Subject | None = subject
    while current is not None and current.parent is not None and not _is_resource(current):
        step = current.at[1]
        stem, is_choice, _ = step.partition(".ofType(")
        steps.insert(0, stem + ("[x]" if is_choice else ""))
        current = current.parent
        names[".".join((current.type, *steps))] = None
        if is_choice and len(steps) == 1:
            names[f"{current.type}.{stem}"] = None
    return tuple(names)


def _is_resource(subject: Subject) -> bool:
    return type(subject.value) is dict and "resourceType" in subject.value


def _same_extension(parent: Subject, text: str) -> bool:
    """`http://...` or, for a part of a complex extension, `http://...#part`."""
    url, _, part = text.partition("#")
    if not part:
        return bool(parent.value.get("url") == url)
    above = parent.parent
    return bool(parent.value.get("url") == part and above is not None and above.type == "Extension" and above.value.get("url") == url)


def _relative(subject: Subject, url: str) -> Issue:
    sentence = phrase("The url of an extension is absolute, such as http://example.org/x; found '{url}'.", url=url)
    return _issue(subject, "error", "extension", sentence, "extension-url")


def _misplaced(parent: Subject, definition: ExtensionDefinition, names: tuple[str, ...]) -> Issue:
    allowed = ", ".join(text for _, text in definition.contexts)
    sentence = phrase(
        "The extension {url} may not stand here ({here}); it is made for {allowed}.",
        url=definition.url,
        here=", ".join(names),
        allowed=allowed,
    )
    return _issue(parent, "error", "extension", sentence, "extension-context")


def _issue(subject: Subject, severity: Severity, code: str, sentence: str, message_id: str) -> Issue:
    return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=SOURCE)

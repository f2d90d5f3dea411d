"""A constraint of a StructureDefinition, as a FHIRPath expression that must be true (https://hl7.org/fhir/R4/conformance-rules.html#constraints)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from fhir_server.fhirpath import Expression, FhirPathError, Node, compile_expression
from fhir_server.fhirpath.context import Context
from fhir_server.fhirpath.narrative import narrative_fault
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import RuleText, TranslatedText, phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.at_a_glance import Accepts, Condition, Glance
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject
from fhir_server.validation.shortcut import Decide, shortcut

BASE = "http://hl7.org/fhir/StructureDefinition/"

_CONTAINED = "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))"
_NAME = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')"
_PROBABILITY = "probability is decimal implies (probability as decimal) <= 100"
_DISTINCT = "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()"
ERRATA = {
    _PROBABILITY: f"probability.exists() implies ({_PROBABILITY})",
    _CONTAINED: f"reference.exists() implies ({_CONTAINED} or (reference = '#' and %rootResource != %resource))",
    _NAME: f"name.exists() implies {_NAME}",
}
"""Rules of 4.0.1 that forgot the case in which there is nothing to check: its own examples would break them."""


def _refers_well(reference: dict[str, Any], context: Context) -> bool | None:
    """ref-1: a reference to outside, to a contained resource or from one to its container; None where the text does not tell.

    As FHIRPath each reference would walk all contained resources.
    """
    text = reference.get("reference")
    if text is None or (isinstance(text, str) and not text.startswith("#")):
        return True
    if not isinstance(text, str) or context.root_resource is None:
        return None
    return context.contained_in_root().place(text[1:]) is not None or (text == "#" and context.root_resource is not context.resource)


def _are_distinct(bundle: dict[str, Any], _kind: str, _resource: Resource | None) -> bool | None:
    """bdl-7, of entries with a fullUrl each; None where one has none, or two are the same."""
    identities = [_identity(one) for one in bundle.get("entry", ())]
    return True if None not in identities and len(set(identities)) == len(identities) else None


def _identity(entry: Any) -> str | None:
    """fullUrl & versionId; None where this cannot be told at a glance."""
    resource = entry.get("resource", {}) if type(entry) is dict else None
    meta = resource.get("meta", {}) if type(resource) is dict else None
    url, version = (entry.get("fullUrl"), meta.get("versionId", "")) if type(meta) is dict else (None, "")
    return url + version if type(url) is str and type(version) is str else None


def _all_or_none(name: str, types: frozenset[str]) -> Decide:
    """bdl-3 and bdl-4: all entries of Bundles of these types have the element, and none of others; None where this is not so."""

    def decide(bundle: dict[str, Any], _kind: str, resource: Resource | None) -> bool | None:
        if resource is not bundle or type(bundle.get("type")) is not str:
            return None
        wanted = bundle["type"] in types
        return True if all(type(one) is dict and _has(one, name) is wanted for one in bundle.get("entry", ())) else None

    return decide


def _has(entry: dict[str, Any], name: str) -> bool | None:
    """None where something else than an object stands there."""
    return False if name not in entry else True if type(entry[name]) is dict else None


_TYPE_IS = "(%resource.type = '{0}' or %resource.type = '{1}' or %resource.type = 'history')"
_REQUESTS = ("batch", "transaction")
_RESPONSES = ("batch-response", "transaction-response")
SURELY_MET: dict[str, Decide] = {
    _DISTINCT: _are_distinct,
    f"entry.all(request.exists() = {_TYPE_IS.format(*_REQUESTS)})": _all_or_none("request", frozenset((*_REQUESTS, "history"))),
    f"entry.all(response.exists() = {_TYPE_IS.format(*_RESPONSES)})": _all_or_none("response", frozenset((*_RESPONSES, "history"))),
}
"""Rules that nearly every element meets at a glance; all others run their expression."""

DecideWithin = Callable[[dict[str, Any], Context], bool | None]
DECIDED_WITHIN: dict[str, DecideWithin] = {_CONTAINED: _refers_well}
"""Rules that are told by an object and the resources around it."""


@dataclass(slots=True)
class Invariant:
    """One constraint. A rule that cannot be run is a warning that names it, never silence.

    `human` says what it asks, without a full stop; `others` has that in other languages. `best_practice` ones can be switched
    off, and are not asked of contained resources.
    """

    key: str
    severity: Severity
    human: str
    expression: str
    source: str
    schema: Schema
    best_practice: bool = False
    others: dict[str, str] = field(default_factory=dict)
    _compiled: Expression | None = None
    _shortcut: Decide | None = None

    def check(self, subject: Subject) -> Iterable[Issue]:
        context = subject.context
        if self.best_practice and context.root_resource is not context.resource:
            return ()  # a contained resource is told by its container's narrative
        try:
            compiled = self._compiled or self._compile()
            value, quick, holds = subject.value, self._shortcut, None
            if type(value) is dict:
                within = DECIDED_WITHIN.get(self.expression)
                holds = within(value, context) if within else quick(value, subject.type, context.resource) if quick else None
            if holds is None:
                holds = self._holds(compiled.evaluate(Node(value, subject.type, subject.sibling), context))
        except (FhirPathError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError) as error:
            sentence = phrase("The rule {key} could not be run here: {error}", key=self.key, error=str(error))
            return (self._finding("warning", "not-supported", sentence, subject, "invariant-unchecked"),)
        if holds:
            return ()
        return (self._finding(self.severity, "invariant", self._sentence(), subject, f"invariant-{self.key}"),)

    def _sentence(self) -> str:
        """What the rule asks. A profile's own rule is said in the languages that the profile gives it, one of R4 in ours."""
        of_r4 = self.source.removeprefix(BASE).partition("#")[0] in self.schema
        human = RuleText(self.human, self.key) if of_r4 else TranslatedText(self.human, self.others)
        return phrase("{human}. ({key})", human=human, key=self.key)

    def plainly_met(self, glance: Glance) -> Condition:
        """True of an object for which the expression surely gives true."""
        if within := DECIDED_WITHIN.get(self.expression):
            return f"{glance.name(within, 'within')}(v, c)"
        if decide := SURELY_MET.get(self.expression):
            return f"{glance.name(decide, 'decide')}(v, {glance.kind!r}, c.resource)"
        try:
            return glance.surely((self._compiled or self._compile()).tree, True)
        except FhirPathError:
            return None  # `check` tells

    def accepts_text(self, kind: str) -> Accepts | None:
        """Of the rules on primitives only those of a narrative can be told by the text."""
        return (lambda text: narrative_fault(text) is None) if (self.expression, kind) == ("htmlChecks()", "xhtml") else None

    def describe(self) -> str:
        return f"{self.key}: {self.human}"

    def _holds(self, found: list[Node]) -> bool:
        """Nothing counts as false, any other single item as true: so does the reference validator."""
        if len(found) > 1:
            raise FhirPathError(f"An invariant is true or false; this one gives {len(found)} items.")
        return bool(found) and found[0].value is not False

    def _compile(self) -> Expression:
        compiled = compile_expression(ERRATA.get(self.expression, self.expression), self.schema)
        self._shortcut = SURELY_MET.get(self.expression) or shortcut(compiled.tree, self.schema)
        self._compiled = compiled
        return compiled

    def _finding(self, severity: Severity, code: str, sentence: str, subject: Subject, message_id: str) -> Issue:
        return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=self.source)

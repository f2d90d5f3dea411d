"""Template-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#template-based-extraction): contained resources of the form,
filled in with the answers.

`templateExtract` at the root makes its resource always, at an item once for each time that the response answers it;
`templateExtractBundle` fills in a whole transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.fhirpath.plain import plain
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.extract_entry import Entry, completed, entry_of
from fhir_server.questionnaires.extraction import Extraction, is_answered
from fhir_server.questionnaires.item import SDC, Item, complex_extensions, extension, extensions
from fhir_server.questionnaires.pairing import Pair
from fhir_server.questionnaires.template import Focus, filled

TEMPLATE, BUNDLE = SDC + "templateExtract", SDC + "templateExtractBundle"


def template_entries(extraction: Extraction) -> Iterator[Entry]:
    """The entries of all templates, in the order of the form."""
    for reference in extensions(extraction.root.question, BUNDLE):
        yield from _of_bundle(reference, extraction)
    for at in extraction.root.walk():
        for parts in complex_extensions(at.question, TEMPLATE):
            if at.parent is None or is_answered(at):
                yield from _of_template(parts, extraction, at)


def _of_template(parts: Item, extraction: Extraction, at: Pair) -> Iterator[Entry]:
    template = _contained(extension(parts, "template"), extraction, at)
    for resource, nodes in filled(template, Focus([at.node]), _Asking(extraction, at), extraction.schema):
        said = [template.get("id"), *(plain(node.value) for node in nodes if node is not extraction.root.node)]
        if _says_something(resource) and (entry := entry_of(resource, parts, extraction, at, said)):
            yield entry


def _of_bundle(reference: Any, extraction: Extraction) -> Iterator[Entry]:
    root = extraction.root
    template = _contained(reference, extraction, root)
    for bundle, _ in filled(template, Focus([root.node]), _Asking(extraction, root), extraction.schema):
        yield from _with_own_urls(objects(bundle.get("entry")), extraction)


def _with_own_urls(entries: list[Entry], extraction: Extraction) -> Iterator[Entry]:
    """The entries completed; of those that a context made of one, the first keeps the fullUrl that the template has."""
    used: set[Any] = set()
    for entry in entries:
        made = completed(entry, extraction)
        if (url := made.get("fullUrl")) in used and url is not None:
            made = {**made, "fullUrl": extraction.new_url()}
        used.add(made.get("fullUrl"))
        yield made


def _says_something(resource: Resource) -> bool:
    """False for a patch that has lost all its operations, and where nothing is left but the type."""
    return resource.keys() > {"resourceType"}


def _contained(reference: Any, extraction: Extraction, at: Pair) -> Resource:
    text = reference.get("reference") if isinstance(reference, dict) else None
    found = [one for one in objects(extraction.root.question.get("contained")) if f"#{one.get('id')}" == text]
    if not found:
        place = f"Questionnaire.item.where(linkId='{at.link_id}')" if at.parent else "Questionnaire"
        sentence = f"The template {text} is not contained in the Questionnaire; add it to Questionnaire.contained, or mend the reference."
        raise fault(Category.INVALID, "not-found", sentence, place)
    return found[0]


class _Asking:
    """The expressions of a template at one item."""

    def __init__(self, extraction: Extraction, at: Pair):
        self._extraction, self._at = extraction, at

    def evaluate(self, expression: Any, focus: Focus) -> list[Node]:
        return self._extraction.evaluate(expression, self._at, focus.names, focus.nodes)

    def tell(self, sentence: str) -> None:
        self._extraction.tell(sentence, self._at)

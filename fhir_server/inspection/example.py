"""Examples of a guide: one whose `meta.tag` names the rule that it breaks must break that rule and no other.

The tag's system is BROKEN_RULE; its code is the end of the rule's source, `PROFILE#ELEMENT` or `PROFILE#INVARIANT`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.validation.document import DocumentCheck

BROKEN_RULE = "https://passerelle.care/fhir/CodeSystem/broken-rule"


class ExampleCheck(DocumentCheck):
    """A `DocumentCheck` for examples: one that breaks what it says is right, one that breaks something else or nothing is wrong."""

    def _of_resource(self, resource: Resource) -> Iterator[Issue]:
        issues = list(super()._of_resource(resource))
        named = broken_rule(resource)
        yield from issues if named is None else _compared(named, issues)


def broken_rule(resource: Resource) -> str | None:
    """The rule that an example says it breaks."""
    tags = (tag for meta in objects([resource.get("meta")]) for tag in objects(meta.get("tag")))
    return next((tag.get("code") for tag in tags if tag.get("system") == BROKEN_RULE), None)


def _compared(named: str, issues: list[Issue]) -> list[Issue]:
    """The findings without the error that was meant, or with the others; one more where the example breaks nothing."""
    errors = [issue for issue in issues if issue.is_error]
    meant = [issue for issue in errors if str(issue.source).rpartition("/")[2] == named]
    if not meant:
        sentence = phrase("The example says that it breaks {rule}, and it does not; mend the example or its meta.tag.", rule=named)
        issues.append(Issue("error", "business-rule", sentence, "meta.tag", message_id="example-not-as-named"))
    return [issue for issue in issues if issue not in meant[:1]]

"""Files of resources checked as they stand: syntax faults and findings alike, each with line and column in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.position import with_places
from fhir_server.model.repeated_name import repeated_names
from fhir_server.model.xml_format import decode_xml
from fhir_server.validation.validator import Validator


class DocumentCheck:
    """Checks JSON, XML and NDJSON (by the name's ending) against R4, the profiles asked for and those the resources claim."""

    def __init__(self, definitions: Definitions, profiles: Sequence[str] = ()):
        self._schema = definitions.schema
        self._validator = Validator(definitions)
        self._profiles = profiles

    def findings(self, name: str, content: bytes) -> list[Issue]:
        """All findings of one file; a text that cannot be read is one finding."""
        if name.lower().endswith(".ndjson"):
            lines = enumerate(content.splitlines(), 1)
            return [_on_line(issue, number) for number, line in lines if line.strip() for issue in self._of_text(line, False)]
        return self._of_text(content, name.lower().endswith(".xml"))

    def _of_text(self, content: bytes, xml: bool) -> list[Issue]:
        try:
            resource = decode_xml(content, self._schema) if xml else decode_resource(content)
        except FhirError as error:
            return list(error.issues)
        repeated = [] if xml else repeated_names(content)
        return repeated + with_places(_once(self._of_resource(resource)), content, xml)

    def _of_resource(self, resource: Resource) -> Iterator[Issue]:
        for profile in self._profiles or (None,):
            yield from self._validator.validate(resource, profile)


def _once(issues: Iterable[Issue]) -> list[Issue]:
    """What two profiles both ask is told once."""
    return list(dict.fromkeys(issues))


def _on_line(issue: Issue, number: int) -> Issue:
    return replace(issue, line=number)

"""Documents checked as they stand: syntax faults and findings alike, each with line and column in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.position import with_places
from fhir_server.model.repeated_name import repeated_names
from fhir_server.model.xml_faults import decode_faulty_xml
from fhir_server.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Document:
    """One text, or some lines of an NDJSON file of which the first is number `first_line`. `name` is what people call it."""

    name: str
    content: bytes
    first_line: int = 1

    @property
    def is_ndjson(self) -> bool:
        return self.name.lower().endswith(".ndjson")

    @property
    def is_xml(self) -> bool:
        return self.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")

    @property
    def resources(self) -> int:
        """How many resources the text holds: one, or the lines of NDJSON that are not empty."""
        return sum(1 for line in self.content.splitlines() if line.strip()) if self.is_ndjson else 1


class DocumentCheck:
    """Checks JSON, XML and NDJSON against R4, the profiles asked for and those the resources claim."""

    def __init__(self, definitions: Definitions, profiles: Sequence[str] = (), validator: Validator | None = None):
        self._schema = definitions.schema
        self._validator = validator or Validator(definitions)
        self._profiles = profiles

    def findings(self, document: Document) -> list[Issue]:
        """All findings of one document; a text that cannot be read is one finding."""
        if not document.is_ndjson:
            return self._of_text(document.content, document.is_xml)
        lines = enumerate(document.content.splitlines(), document.first_line)
        return [replace(issue, line=number) for number, line in lines if line.strip() for issue in self._of_text(line, False)]

    def _of_text(self, content: bytes, xml: bool) -> list[Issue]:
        try:
            resource, faults = decode_faulty_xml(content, self._schema) if xml else (decode_resource(content), repeated_names(content))
        except FhirError as error:
            return list(error.issues)
        return faults + with_places(_once(self._of_resource(resource)), content, xml)

    def _of_resource(self, resource: Resource) -> Iterator[Issue]:
        for profile in self._profiles or (None,):
            yield from self._validator.validate(resource, profile)


def _once(issues: Iterable[Issue]) -> list[Issue]:
    """What two profiles both ask is told once."""
    return list(dict.fromkeys(issues))

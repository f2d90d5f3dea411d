"""XML read past what FHIR has not, for those who check and do not store (https://hl7.org/fhir/R4/xml.html).

`decode_xml` stops at the first fault, as a write must. Here an unknown element or attribute, an element too many and stray text each
become a finding and are passed over, so that the rest can be checked. What leaves the structure itself in doubt (text that is not
well-formed, a DOCTYPE, an unknown root, a narrative that cannot be cut out) still ends the reading.
"""

from __future__ import annotations

from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_format import MAX_DEPTH, Resource
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.model.xml_fields import Container, Frame, Primitive, Tables, Unreadable, tables_of
from fhir_server.model.xml_format import XmlReader

MAX_FAULTS = 100
"""Reading ends at this many: their places are looked up one by one."""


def decode_faulty_xml(source: bytes, schema: Schema) -> tuple[Resource, list[Issue]]:
    """The resource without what FHIR has not, and a finding for each such thing, with expression, line and column.

    FhirError with all findings so far where reading cannot go on.
    """
    reader = _FaultyReader(source, tables_of(schema))
    try:
        return reader.read(), reader.faults
    except FhirError as error:
        raise FhirError(error.category, (*reader.faults, *error.issues)) from None


class _FaultyReader(XmlReader):
    """Notes a fault and goes on; `emptied` is the element that something was last passed over in."""

    def __init__(self, source: bytes, tables: Tables):
        super().__init__(source, tables)
        self.faults: list[Issue] = []
        self.emptied: Frame | None = None
        self.depth_passed = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        field = self.stack[-1].fields.get(tag)
        faults = {name: fault for name in attributes if (fault := field.attribute_fault(name))} if field else {}
        before = len(self.stack)
        super()._start(tag, {name: text for name, text in attributes.items() if name not in faults})
        if len(self.stack) > before:
            for fault in faults.values():
                self._note(fault)

    def _refused(self, error: Unreadable) -> None:
        if len(self.stack) == 1:
            super()._refused(error)
        self._note(error.args[0])
        self.emptied = self.stack[-1]
        self._pass_over()

    def _end(self, tag: str) -> None:
        frame = self.stack[-1]
        try:
            super()._end(tag)
        except Unreadable as error:
            if isinstance(frame.field, Primitive):
                frame.field.close_empty(frame)  # the check of the structure tells
            elif not (isinstance(frame.field, Container) and frame is self.emptied):
                self._note(error.args[0])

    def _text(self, text: str) -> None:
        try:
            super()._text(text)
        except Unreadable as error:
            self._note(error.args[0])

    def _note(self, sentence: str) -> None:
        self.faults.append(self._issue("error", sentence))
        if len(self.faults) == MAX_FAULTS:
            raise Unreadable(phrase("Reading stops after {count} faults; mend these first.", count=MAX_FAULTS))

    def _pass_over(self) -> None:
        self.depth_passed = 1
        self.parser.StartElementHandler = self._start_passed
        self.parser.EndElementHandler = self._end_passed
        self.parser.CharacterDataHandler = None

    def _start_passed(self, _tag: str, _attributes: dict[str, str]) -> None:
        self.depth_passed += 1
        if self.depth_passed + len(self.stack) > MAX_DEPTH:
            raise FhirError(Category.MALFORMED, (self._too_deep(),))

    def _end_passed(self, _tag: str) -> None:
        self.depth_passed -= 1
        if not self.depth_passed:
            self._listen()

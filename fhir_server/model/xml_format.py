"""XML, read to and written from the same dicts as JSON (https://hl7.org/fhir/R4/xml.html).

Reading is one pass of expat without a tree: it gives the line of every finding and the very text of a Narrative's `div`, so that
JSON -> XML -> JSON returns the same string. A DOCTYPE is refused, hence no entity is ever declared, and nothing is fetched.

What a value must look like is left to `validation.structure`: `<active value="maybe"/>` is read as the string "maybe", which that
check then refuses with its place. The order of elements is not checked on reading; it is the specification's on writing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NoReturn
from xml.parsers import expat

from fhir_server.model.issue import Category, FhirError, Issue, Severity
from fhir_server.model.json_format import MAX_DEPTH, Resource, line_and_column, too_deep
from fhir_server.model.near_miss import near_miss
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.model.syntax_reason import syntax_reason
from fhir_server.model.xhtml import XHTML
from fhir_server.model.xml_fields import (
    FHIR,
    Container,
    Div,
    Frame,
    Node,
    Primitive,
    Root,
    Tables,
    Unreadable,
    Unwritable,
    local_name,
    tables_of,
)

MAX_PREFIXES = 20


def decode_xml(source: bytes, schema: Schema) -> Resource:
    """A resource as a dict; FhirError with line and column where it cannot be read as one."""
    return XmlReader(source, tables_of(schema)).read()


def encode_xml(resource: Resource, schema: Schema) -> bytes:
    """UTF-8 XML; FhirError where the resource has an element that its type has not, or a character that XML 1.0 cannot carry."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    try:
        tables_of(schema).write_resource(out.append, resource, f' xmlns="{FHIR}"')
    except Unwritable as error:
        expression = ".".join((str(resource.get("resourceType")), *reversed(error.path)))
        raise FhirError(Category.NOT_ACCEPTABLE, (Issue("error", error.code, error.args[0], expression, message_id="xml-write"),)) from None
    except RecursionError:
        raise FhirError(Category.MALFORMED, (too_deep(),)) from None
    return "".join(out).encode()


class XmlReader:
    """One document while it is read."""

    def __init__(self, source: bytes, tables: Tables):
        self.source, self.tables = source, tables
        self.root: Node = {}
        self.stack = [Frame(tables.roots, self.root, None, {})]
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.XmlDeclHandler = self._declaration
        self.prefixes: set[str] = set()
        self._listen()

    def read(self) -> Resource:
        if self.source[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise self._refusal(Unreadable(phrase("The text is UTF-16; FHIR XML is UTF-8.")))
        try:
            self.parser.Parse(self.source, True)
        except expat.ExpatError as error:
            raise _malformed(self.source, error) from None
        except Unreadable as error:
            raise self._refusal(error) from None
        resource: Resource = self.root["resource"]
        return resource

    def _listen(self) -> None:
        self.parser.StartNamespaceDeclHandler = self._namespace
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        stack = self.stack
        frame = stack[-1]
        field = frame.fields.get(tag)
        try:
            if field is None:
                self._unknown(tag, frame)
            stack.append(field.open(frame.node, attributes))
        except Unreadable as error:
            self._refused(error)
            return
        if len(stack) > MAX_DEPTH:
            raise FhirError(Category.MALFORMED, (self._too_deep(),))
        if type(field) is Div:
            self._start_div()

    def _refused(self, error: Unreadable) -> None:
        """An element that cannot be opened ends the reading."""
        raise self._refusal(error) from None

    def _end(self, _tag: str) -> None:
        frame = self.stack.pop()
        if frame.field is not None:
            frame.field.close(frame)

    def _text(self, text: str) -> None:
        if not text.isspace():
            raise Unreadable(phrase('Text is not allowed here: "{text}". Values stand in the attribute "value".', text=text.strip()[:40]))

    def _start_div(self) -> None:
        self.div_at, self.div_depth = self.parser.CurrentByteIndex, 1
        self.parser.StartNamespaceDeclHandler = None
        self.parser.StartElementHandler = self._start_in_div
        self.parser.EndElementHandler = self._end_in_div
        self.parser.CharacterDataHandler = None

    def _start_in_div(self, tag: str, _attributes: dict[str, str]) -> None:
        self.div_depth += 1
        if self.div_depth + len(self.stack) > MAX_DEPTH:
            raise FhirError(Category.MALFORMED, (self._too_deep(),))
        if not tag.startswith(XHTML + " "):
            raise Unreadable(
                phrase(
                    "The element {local_name} in the narrative is not XHTML: its namespace must be {xhtml}.",
                    local_name=local_name(tag),
                    xhtml=XHTML,
                )
            )

    def _end_in_div(self, _tag: str) -> None:
        self.div_depth -= 1
        if not self.div_depth:
            frame = self.stack.pop()
            frame.parent["div"] = self._div_text(self.parser.CurrentByteIndex)
            self._listen()

    def _div_text(self, end_tag_at: int) -> str:
        if end_tag_at == self.div_at:
            return f'<div xmlns="{XHTML}"/>'
        text = self.source[self.div_at : self.source.index(b">", end_tag_at) + 1].decode()
        start_tag = _START_TAG.match(text)
        if start_tag is None or not _OWN_NAMESPACE.search(start_tag[0]) or self._borrows(text):
            raise Unreadable(
                phrase('A div stands on its own: write <div xmlns="{xhtml}"> and declare in it every prefix that it uses.', xhtml=XHTML)
            )
        return text

    def _borrows(self, text: str) -> bool:
        borrowed = [prefix for prefix in self.prefixes if f"<{prefix}:" in text or f" {prefix}:" in text]
        return any(f"xmlns:{prefix}" not in text for prefix in borrowed)

    def _namespace(self, prefix: str | None, _uri: str) -> None:
        if prefix:
            self.prefixes.add(prefix)
        if len(self.prefixes) > MAX_PREFIXES:
            raise Unreadable(
                phrase("The document declares more than {max_prefixes} namespace prefixes; FHIR needs none.", max_prefixes=MAX_PREFIXES)
            )

    def _doctype(self, *_: object) -> NoReturn:
        raise Unreadable(phrase("A DOCTYPE is refused; remove it, and write characters instead of entities (&#160; instead of &nbsp;)."))

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise Unreadable(phrase("The encoding is declared as {encoding}; FHIR XML is UTF-8.", encoding=encoding))

    def _unknown(self, tag: str, frame: Frame) -> NoReturn:
        known = [local_name(one) for one in frame.fields]
        name, namespace = local_name(tag), tag.rpartition(" ")[0]
        if name in known:
            wanted = XHTML if name == "div" else FHIR
            raise Unreadable(
                phrase(
                    'The element {name} is in the namespace "{namespace}"; it belongs to xmlns="{wanted}".',
                    name=name,
                    namespace=namespace,
                    wanted=wanted,
                )
            )
        where = frame.field.type if frame.field else phrase("A FHIR document")
        known_type = frame.fields is not self.tables.roots
        raise Unreadable(
            phrase(
                "{where} has no element {name}.{hint}" if known_type else "{where} has no resource type {name}.{hint}",
                where=where,
                name=name,
                hint=near_miss(name, known),
            )
        )

    def _refusal(self, error: Unreadable) -> FhirError:
        return FhirError(Category.MALFORMED, (self._issue("fatal", error.args[0]),))

    def _issue(self, severity: Severity, sentence: str) -> Issue:
        line, column = line_and_column(self.source, max(self.parser.CurrentByteIndex, 0))
        return Issue(severity, "structure", sentence, self._expression() or None, line, column, "xml-structure")

    def _too_deep(self) -> Issue:
        line, column = line_and_column(self.source, self.parser.CurrentByteIndex)
        return replace(too_deep(), line=line, column=column)

    def _expression(self) -> str:
        steps: list[str] = []
        for frame in self.stack[1:]:
            if type(frame.field) is Root and len(steps) == 0:
                steps.append(frame.field.type)
            elif frame.field is not None and type(frame.field) is not Root:
                steps.append(_step(frame))
        return ".".join(steps)


def _step(frame: Frame) -> str:
    field = frame.field
    assert field is not None
    if not field.many:
        return f"{field.choice}.ofType({field.type})" if field.choice else field.name
    if type(field) is Container or (type(field) is Primitive and field.name not in frame.parent):
        return f"{field.name}[{len(frame.parent.get(field.name) or frame.parent.get(field.sibling) or ())}]"
    return f"{field.name}[{len(frame.parent[field.name]) - 1}]"


_START_TAG = re.compile(r"""<div(?=[\s>/])(?:"[^"]*"|'[^']*'|[^>"'])*>""")
_OWN_NAMESPACE = re.compile(rf"""\sxmlns\s*=\s*["']{re.escape(XHTML)}["']""")


_MENDING = {
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: phrase(
        " Only &amp; &lt; &gt; &quot; &apos; are known: write the character."
    ),
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]: phrase(
        " Look for a bare & or <, a control character, or text that is not UTF-8."
    ),
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: phrase(" The text ends too early: close every element."),
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: phrase(" Close the elements in the reverse order of their opening."),
    expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]: phrase(' Declare the prefix with xmlns:prefix="...".'),
}


def _malformed(source: bytes, error: expat.ExpatError) -> FhirError:
    reason = syntax_reason(expat.ErrorString(error.code)) if source.strip() else phrase("it is empty")
    sentence = phrase("The text is not well-formed XML: {reason}.{mending}", reason=reason, mending=_MENDING.get(error.code, ""))
    issue = Issue("fatal", "structure", sentence, None, error.lineno, error.offset + 1, "xml-syntax")
    return FhirError(Category.MALFORMED, (issue,))

"""The XHTML of a Narrative as text (https://hl7.org/fhir/R4/narrative.html#xhtml): the same string in JSON and, embedded, in XML."""

from __future__ import annotations

import re
from html.entities import html5
from xml.parsers import expat

from fhir_server.model.phrase import phrase

XHTML = "http://www.w3.org/1999/xhtml"

_START = re.compile(r"<div(?=[\s>/])")
_START_TAG = re.compile(r"""<div(?:"[^"]*"|'[^']*'|[^>"'])*>""")
_XMLNS = re.compile(r"""\sxmlns\s*=\s*["']([^"']*)["']""")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))


class UnreadableXhtml(ValueError):
    """The text is no XHTML div; the message says why and how to mend it."""


def xhtml_for_xml(text: object) -> str:
    """The div as it can stand in an XML document: entities of HTML as numbers, the namespace declared; otherwise the text unchanged."""
    text = unparsed_xhtml(text)
    try:
        expat.ParserCreate("utf-8", " ").Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        place = f"line {error.lineno}, column {error.offset + 1} of the div"
        raise UnreadableXhtml(
            phrase(
                "The narrative is not well-formed XHTML ({errorstring}, {place}).", errorstring=expat.ErrorString(error.code), place=place
            )
        ) from None
    return text


def unparsed_xhtml(text: object) -> str:
    """The same for who parses it anyway: it may not be well-formed."""
    if not isinstance(text, str) or not _START.match(text.lstrip()):
        raise UnreadableXhtml(phrase('A narrative is text that begins with <div xmlns="{xhtml}">.', xhtml=XHTML))
    return _with_namespace(_NAMED.sub(_numeric, text.strip()))


def _numeric(match: re.Match[str]) -> str:
    if match[1] in _PREDEFINED:
        return match[0]
    characters = html5.get(match[1] + ";")
    if characters is None:
        raise UnreadableXhtml(
            phrase("The narrative has the entity {match}, which XHTML has not; write the character itself.", match=match[0])
        )
    return "".join(f"&#{ord(one)};" for one in characters)


def _with_namespace(text: str) -> str:
    start_tag = _START_TAG.match(text)
    declared = _XMLNS.search(start_tag[0]) if start_tag else None
    if declared is None:
        return _START.sub(f'<div xmlns="{XHTML}"', text, count=1)
    if declared[1] != XHTML:
        raise UnreadableXhtml(phrase('The div is in the namespace "{declared}"; it must be {xhtml}.', declared=declared[1], xhtml=XHTML))
    return text

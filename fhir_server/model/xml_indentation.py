"""FHIR XML with a line for each element, for people who read it (https://hl7.org/fhir/R4/http.html#parameters, `_pretty`).

White space means nothing between FHIR's elements, and something in the narrative (https://hl7.org/fhir/R4/xml.html), which stays as it is.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_STEP = "  "
_XHTML = "{http://www.w3.org/1999/xhtml}"


def indented_xml(written: bytes) -> bytes:
    """What `encode_xml` wrote, indented by two spaces."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    root = etree.fromstring(written, parser)
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        waiting += ((child, depth + 1) for child in _lined_up(element, depth))
    return DECLARATION + bytes(etree.tostring(root, encoding="unicode").encode())


def _lined_up(element: Any, depth: int) -> list[Any]:
    """The children, each put on a line of its own."""
    children = [] if element.tag.startswith(_XHTML) else list(element)
    if children:
        element.text = "\n" + _STEP * depth
        for child in children:
            child.tail = "\n" + _STEP * depth
        children[-1].tail = "\n" + _STEP * (depth - 1)
    return children

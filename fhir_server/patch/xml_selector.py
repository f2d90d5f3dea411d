"""The selectors of XML Patch (https://www.rfc-editor.org/rfc/rfc5261#section-4.1): a small part of XPath, child steps only.

A selector that fits this grammar costs no more than one walk over the document for each step; any other XPath is refused.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from fhir_server.model.xhtml import XHTML
from fhir_server.model.xml_fields import FHIR
from fhir_server.patch.refusal import DoesNotApply

MAX_LENGTH = 2000
PREFIXES = {"f": FHIR, "h": XHTML}
"""Prefixes that a FHIR patch may use without declaring them."""

_DEFAULT = "default-namespace"
_NAME = r"[A-Za-z_][\w.\-]*"
_TEXT = r"\"[^\"]*\"|'[^']*'"
_PREDICATE = re.compile(
    rf"\[\s*(?:(?P<position>\d{{1,6}})|(?P<left>\.|@(?:{_NAME}:)?{_NAME}|(?:{_NAME}:)?{_NAME})\s*=\s*(?P<right>{_TEXT}))\s*\]"
)
_STEP = re.compile(
    rf"(?P<kind>(?:text|comment)\(\)|processing-instruction\((?:{_TEXT})?\))|(?P<attribute>@(?:{_NAME}:)?{_NAME})"
    rf"|namespace::(?P<namespace>{_NAME})|(?P<prefix>{_NAME}:)?(?P<name>{_NAME}|\*)"
)


def selected(tree: Any, selector: str, namespaces: dict[str | None, str]) -> Any:
    """The one node of the document that the selector finds: an element, a comment, or lxml's text of an attribute or text node.

    `namespaces` are those in scope at the operation; names without a prefix are in its default one, FHIR's where it has none.
    DoesNotApply where the selector finds nothing or several, or cannot be read.
    """
    known = {prefix: uri for prefix, uri in namespaces.items() if prefix}
    scope = PREFIXES | known | {_DEFAULT: namespaces.get(None) or FHIR}
    try:
        found = tree.xpath(_xpath(selector), namespaces=scope)
    except etree.XPathError as error:
        raise DoesNotApply(f"sel={selector[:200]!r} cannot be read: {error}.") from None
    if len(found) != 1:
        raise DoesNotApply(f"sel={selector[:200]!r} finds {len(found)} nodes; it must find one.")
    return found[0]


def _xpath(selector: str) -> str:
    """The selector as an absolute XPath in which every element name has a prefix."""
    text = selector.strip()
    if not text or len(text) > MAX_LENGTH:
        raise DoesNotApply(f"sel has {len(text)} characters; it needs 1 to {MAX_LENGTH}.")
    place, steps = 1 if text.startswith("/") else 0, []
    while True:
        step, place = _read_step(text, place)
        steps.append(step)
        if place == len(text):
            return "/" + "/".join(steps)
        if text[place] != "/":
            raise _unreadable(text, place)
        place += 1


def _read_step(text: str, place: int) -> tuple[str, int]:
    step = _STEP.match(text, place)
    if step is None:
        raise _unreadable(text, place)
    if step["namespace"]:
        raise DoesNotApply("a namespace declaration cannot be selected; it means nothing in FHIR.")
    read, place = _qualified(step["prefix"], step["name"]) if step["name"] else step[0], step.end()
    while predicate := _PREDICATE.match(text, place):
        read += _predicate(predicate)
        place = predicate.end()
    return read, place


def _qualified(prefix: str | None, name: str) -> str:
    return name if name == "*" and not prefix else f"{prefix or _DEFAULT + ':'}{name}"


def _predicate(found: re.Match[str]) -> str:
    if found["position"]:
        return f"[{found['position']}]"
    left = found["left"]
    plain = left[0] not in ".@" and ":" not in left
    return f"[{_DEFAULT + ':' if plain else ''}{left}={found['right']}]"


def _unreadable(text: str, place: int) -> DoesNotApply:
    return DoesNotApply(f"sel={text[:200]!r} is not understood at character {place + 1}; use steps such as f:Patient/f:name[1]/@id.")

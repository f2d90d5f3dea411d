"""XML Patch (https://www.rfc-editor.org/rfc/rfc5261), on the FHIR XML of a resource."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.patch.refusal import DoesNotApply, counted, malformed, operation
from fhir_server.patch.xml_selector import selected


class XmlPatch:
    """`diff` is the root of the patch document: its children add, replace and remove are the operations."""

    def __init__(self, diff: Any):
        self.operations = [child for child in diff if isinstance(child.tag, str)]
        if not self.operations:
            raise malformed("The XML Patch has no operations; its root holds <add>, <replace> and <remove>.")
        counted(len(self.operations))

    @classmethod
    def read(cls, source: bytes) -> XmlPatch:
        """The patch of an application/xml-patch+xml body; FhirError MALFORMED or TOO_LARGE."""
        return cls(_root(source, "patch"))

    def apply(self, resource: Resource, schema: Schema) -> Resource:
        """The patched resource. FhirError INVALID with the index of the operation that does not apply, or where what results is no
        resource."""
        return decode_xml(self.apply_to_document(encode_xml(resource, schema)), schema)

    def apply_to_document(self, source: bytes) -> bytes:
        """The patched document of any vocabulary."""
        tree = etree.ElementTree(_root(source, "document"))
        for position, one in enumerate(self.operations):
            with operation(position, f"*[{position}]"):
                _carry_out(tree, one)
        return bytes(etree.tostring(tree, encoding="UTF-8"))


def _root(source: bytes, what: str) -> Any:
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise malformed(f"The {what} is not UTF-8.") from None
    if "<!DOCTYPE" in text:
        raise malformed(f"The {what} has a DOCTYPE, which is refused; remove it.")
    try:
        return etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))
    except etree.XMLSyntaxError as error:
        reason = re.sub(r"( line [0-9]+)?, line [0-9]+, column [0-9]+$", "", error.msg or "")
        raise malformed(f"The {what} is not well-formed XML: {reason} (line {error.lineno}, column {error.offset}).") from None


def _carry_out(tree: Any, one: Any) -> None:
    name = etree.QName(one).localname
    work = _WORK.get(name)
    if work is None:
        raise DoesNotApply(f"an operation is one of {', '.join(_WORK)}, not {name[:40]!r}.")
    work(tree, one, selected(tree, one.get("sel", ""), dict(one.nsmap)))


def _add(tree: Any, one: Any, target: Any) -> None:
    kind = one.get("type", "")
    if not etree.iselement(target):
        raise DoesNotApply("add needs a sel that finds an element.")
    if kind.startswith("@"):
        _add_attribute(one, target, kind[1:])
    elif kind.startswith("namespace::"):
        _declare(tree, target, kind.removeprefix("namespace::"), one.text or "")
    elif kind:
        raise DoesNotApply(f"type={kind[:40]!r} is neither '@name' nor 'namespace::prefix'.")
    else:
        _add_nodes(one, target)


def _add_attribute(one: Any, target: Any, name: str) -> None:
    name = _attribute_name(one, name)
    if name in target.attrib:
        raise DoesNotApply(f"the element has the attribute {name[:60]!r} already; replace it.")
    target.set(name, one.text or "")


def _attribute_name(one: Any, name: str) -> str:
    prefix, colon, local = name.rpartition(":")
    if colon and prefix not in one.nsmap:
        raise DoesNotApply(f"the prefix {prefix[:40]!r} is not declared.")
    try:
        return str(etree.QName(one.nsmap[prefix], local).text if colon else etree.QName(local).text)
    except ValueError:
        raise DoesNotApply(f"{name[:60]!r} is not the name of an attribute.") from None


def _add_nodes(one: Any, target: Any) -> None:
    position = one.get("pos", "")
    if position == "":
        _append_text(target, one.text)
        target.extend([deepcopy(node) for node in one])
    elif position == "prepend":
        following, target.text = target.text, one.text
        nodes = _inserted(target, 0, one)
        _continue(target, nodes, following)
    elif position in ("before", "after"):
        _add_beside(one, target, position)
    else:
        raise DoesNotApply(f"pos={position[:40]!r} is none of prepend, before, after.")


def _add_beside(one: Any, target: Any, position: str) -> None:
    parent = target.getparent()
    if parent is None:
        raise DoesNotApply("nothing can stand beside the root element.")
    if position == "before":
        _text_before(target, one.text)
        _inserted(parent, parent.index(target), one)
    else:
        following, target.tail = target.tail, one.text
        nodes = _inserted(parent, parent.index(target) + 1, one)
        if nodes:
            nodes[-1].tail = (nodes[-1].tail or "") + (following or "")
        else:
            target.tail = (target.tail or "") + (following or "")


def _inserted(parent: Any, place: int, one: Any) -> list[Any]:
    nodes = [deepcopy(node) for node in one]
    parent[place:place] = nodes
    return nodes


def _continue(target: Any, nodes: list[Any], text: str | None) -> None:
    if nodes:
        nodes[-1].tail = (nodes[-1].tail or "") + (text or "")
    else:
        target.text = (target.text or "") + (text or "")


def _append_text(target: Any, text: str | None) -> None:
    if text and len(target):
        target[-1].tail = (target[-1].tail or "") + text
    elif text:
        target.text = (target.text or "") + text


def _text_before(node: Any, text: str | None) -> None:
    """Put text just before a node: behind its elder sibling, or first in its parent."""
    before = node.getprevious()
    if text and before is not None:
        before.tail = (before.tail or "") + text
    elif text:
        parent = node.getparent()
        parent.text = (parent.text or "") + text


def _declare(tree: Any, target: Any, prefix: str, uri: str) -> None:
    """The element made anew with one more namespace prefix: lxml's elements cannot gain one."""
    if not uri.strip():
        raise DoesNotApply("the namespace needs a URI.")
    try:
        made = etree.Element(target.tag, target.attrib, nsmap={**target.nsmap, prefix: uri.strip()})
    except ValueError as error:
        raise DoesNotApply(f"the namespace cannot be declared: {error}.") from None
    made.text, made.tail = target.text, target.tail
    made.extend(list(target))
    _put_in_place(tree, target, made)


def _put_in_place(tree: Any, target: Any, made: Any) -> None:
    parent = target.getparent()
    if parent is None:
        tree._setroot(made)
    else:
        parent.replace(target, made)


def _replace(tree: Any, one: Any, target: Any) -> None:
    if not etree.iselement(target):
        _replace_text(one, target)
        return
    nodes = [deepcopy(node) for node in one]
    if len(nodes) != 1 or _kind(nodes[0]) != _kind(target):
        raise DoesNotApply("replace needs exactly one node of the kind that it replaces.")
    nodes[0].tail = target.tail
    _put_in_place(tree, target, nodes[0])


def _kind(node: Any) -> object:
    """What a node is: `element`, or lxml's maker of comments or of processing instructions."""
    return "element" if isinstance(node.tag, str) else node.tag


def _replace_text(one: Any, target: Any) -> None:
    if len(one):
        raise DoesNotApply("an attribute or text is replaced by text, not by elements.")
    _set_text(target, one.text or "")


def _set_text(target: Any, text: str | None) -> None:
    """Change what lxml gave for an attribute or text node; None takes an attribute away."""
    parent = target.getparent()
    if target.is_attribute and text is None:
        del parent.attrib[target.attrname]
    elif target.is_attribute:
        parent.set(target.attrname, text)
    elif target.is_tail:
        parent.tail = text
    else:
        parent.text = text


def _remove(_tree: Any, _one: Any, target: Any) -> None:
    if not etree.iselement(target):
        _set_text(target, None)
        return
    parent = target.getparent()
    if parent is None:
        raise DoesNotApply("the root element cannot be removed by a patch; delete the resource.")
    _text_before(target, target.tail)
    parent.remove(target)


_WORK: dict[str, Callable[[Any, Any, Any], None]] = {"add": _add, "replace": _replace, "remove": _remove}

"""What FHIR allows in the XHTML of a narrative: no scripts, forms, frames, objects or events
(https://hl7.org/fhir/R4/narrative.html#xhtml).
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from xml.parsers import expat

from fhir_server.model.xhtml import XHTML, UnreadableXhtml, unparsed_xhtml

MAX_DEPTH = 200


@cache
def _allowed() -> tuple[frozenset[str], frozenset[str], dict[str, frozenset[str]]]:
    data = json.loads(files(__package__).joinpath("narrative_markup.json").read_text("utf-8"))
    own = {name: frozenset(attributes) for name, attributes in data["attributesByElement"].items()}
    return frozenset(data["elements"]), frozenset(data["attributes"]), own


@lru_cache(maxsize=4)  # txt-1 and txt-2 ask the same of the same text
def narrative_fault(text: str) -> str | None:
    """Why the text is not the div of a narrative, in a sentence; None where it is."""
    reader = _Reader()
    return reader.fault(text) or (None if reader.says_something else "The narrative has neither text nor an image.")


def fragment_fault(text: str) -> str | None:
    """Why the text could not stand inside the div of a narrative, in a sentence; None where it could.

    Such is the string of rendering-xhtml: a string with markup, mostly without an element around the whole.
    """
    return _Reader().fault(f'<div xmlns="{XHTML}">{text}</div>')


class _Found(Exception):
    """Raised at the first thing that is not allowed."""


class _Reader:
    def __init__(self) -> None:
        self.elements, self.attributes, self.by_element = _allowed()
        self.says_something = False
        self.depth = 0
        self.parser = expat.ParserCreate("utf-8", "}")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.doctype

    def fault(self, div: str) -> str | None:
        """The first fault in a whole div; afterwards `says_something` is known."""
        try:
            self.parser.Parse(unparsed_xhtml(div).encode("utf-8", "surrogatepass"), True)
        except (UnreadableXhtml, _Found, expat.ExpatError) as found:
            return str(found)
        return None

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition("}")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Found(f"The narrative nests more than {MAX_DEPTH} elements.")
        if namespace != XHTML or name not in self.elements or (self.depth == 1 and name != "div"):
            raise _Found(f"A narrative may not contain <{name[:40]}>.")
        allowed = self.by_element.get(name, frozenset())
        for attribute, value in attributes.items():
            self.attribute(name, attribute.rpartition("}")[2], value, allowed)
        self.says_something |= name == "img"

    def attribute(self, element: str, name: str, value: str, allowed: frozenset[str]) -> None:
        if name not in self.attributes and name not in allowed:
            raise _Found(f"A narrative may not have the attribute {name[:40]} on <{element}>.")
        if name in ("href", "src") and value.strip().lower().startswith(("javascript:", "vbscript:")):
            raise _Found(f"A narrative may not run a script from {name}.")

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, data: str) -> None:
        self.says_something = self.says_something or not data.isspace()

    def doctype(self, *_declaration: object) -> None:
        raise _Found("A narrative may not have a DOCTYPE.")

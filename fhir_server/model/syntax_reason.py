"""What the JSON and XML parsers say of a text they cannot read, in words that can be translated."""

from __future__ import annotations

from fhir_server.model.phrase import phrase

_KNOWN = (
    phrase("object keys must be strings"),
    phrase("expected ':'"),
    phrase("expected ',' or ']'"),
    phrase("expected ',' or '}}'"),
    phrase("trailing comma in array"),
    phrase("trailing comma in object"),
    phrase("trailing characters"),
    phrase("invalid character"),
    phrase("invalid number"),
    phrase("invalid escape character in string"),
    phrase("invalid character in unicode escape"),
    phrase("invalid utf-16 surrogate pair"),
    phrase("no element found"),
    phrase("not well-formed (invalid token)"),
    phrase("unclosed token"),
    phrase("mismatched tag"),
    phrase("duplicate attribute"),
    phrase("junk after document element"),
    phrase("undefined entity"),
    phrase("unbound prefix"),
    phrase("reference to invalid character number"),
)
_BY_TEXT = {str(one): one for one in _KNOWN}


def syntax_reason(said: str) -> str:
    """The parser's words as a phrase, where they are known; else as they are."""
    return _BY_TEXT.get(said, said)

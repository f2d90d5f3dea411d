"""The primitive types of R4: what a JSON value must be to be a `date`, a `code`, a `base64Binary`...
(https://hl7.org/fhir/R4/datatypes.html#primitive).

`PRIMITIVES[type].accepts(value)` is the quick yes or no that the check at every write asks; `check_primitive` gives the sentence.
Values are those of `json_format`: bool, int, Decimal or str.
"""

from __future__ import annotations

import binascii
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_server.model.phrase import Phrase, phrase

MAX_STRING = 1024 * 1024
"""Characters of a string, as R4 limits it."""

MAX_INTEGER = 2**31 - 1
MIN_INTEGER = -(2**31)
MAX_EXPONENT = 308
"""Of a decimal, either sign: beyond it no double holds the number, and writing it out would fill the memory."""

_TOO_LARGE = 10**MAX_EXPONENT

Accepts = Callable[[Any], bool]

YEAR = "([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
MONTH = "(0[1-9]|1[0-2])"
DAY = "(0[1-9]|[1-2][0-9]|3[0-1])"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
OFFSET = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

PATTERNS: Mapping[str, str] = {
    "canonical": r"\S*",
    "code": r"[^\s]+(\s[^\s]+)*",
    "date": f"{YEAR}(-{MONTH}(-{DAY})?)?",
    "dateTime": f"{YEAR}(-{MONTH}(-{DAY}(T{CLOCK}{OFFSET})?)?)?",
    "id": r"[A-Za-z0-9\-\.]{1,64}",
    "instant": f"{YEAR}-{MONTH}-{DAY}T{CLOCK}{OFFSET}",
    "markdown": r"[ \r\n\t\S]+",
    "oid": r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
    "string": r"[ \r\n\t\S]+",
    "time": CLOCK,
    "uri": r"\S*",
    "url": r"\S*",
    "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
"""The specification's own expressions, for what JSON carries as a string. (That of base64Binary backtracks without end: `_base64`.)"""


@dataclass(frozen=True, slots=True)
class Primitive:
    """One primitive type: a quick check, and in words what it asks for."""

    name: str
    accepts: Accepts
    json_type: str  # "string", "number" or "boolean"
    expected: str


def check_primitive(type_name: str, value: object) -> Phrase | None:
    """None where `value` is a good `type_name`; else a sentence: what was found, what is expected, how to mend it."""
    primitive = PRIMITIVES[type_name]
    if primitive.accepts(value):
        return None
    return phrase(
        "Found {found} where {a_type} is expected: {expected}.{advice}",
        found=shown(value), a_type=_article(type_name), expected=primitive.expected, advice=_advice(primitive, value),
    )  # fmt: skip


def shown(value: object) -> str:
    """The value as JSON would show it, cut to 60 characters."""
    if isinstance(value, str):
        return f"'{cut(value)}'" if value else phrase("an empty string")
    if type(value) is int and value.bit_length() > 1024:
        return phrase("a number of more than 300 digits")
    names = {bool: str(value).lower(), type(None): "null", dict: phrase("an object"), list: phrase("an array")}
    return names.get(type(value), str(value)[:60])


def cut(text: str, length: int = 60) -> str:
    """At most so many characters of a text, control characters replaced."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text if len(text) <= length else text[: length - 3] + "...")


def _article(type_name: str) -> str:
    is_vowel = type_name[0] in "aeio" or type_name == "unsignedInt"
    return phrase("an {type}", type=type_name) if is_vowel else phrase("a {type}", type=type_name)


def _advice(primitive: Primitive, value: object) -> str:
    if value is None:
        return phrase(" Leave the element out, or give it an extension that says why it is absent.")
    if value == "":
        return phrase(" Leave an element without a value out.")
    if isinstance(value, str) and primitive.json_type != "string":
        return phrase(" Write it without quotation marks.") if _unquoted_would_do(primitive, value) else ""
    if not isinstance(value, str) and primitive.json_type == "string":
        return "" if isinstance(value, (dict, list)) else phrase(" Write it in quotation marks.")
    return _advice_on_text(primitive.name, value) if isinstance(value, str) else ""


def _unquoted_would_do(primitive: Primitive, text: str) -> bool:
    if primitive.json_type == "boolean":
        return text in ("true", "false")
    return bool(_NUMBER.fullmatch(text)) and primitive.accepts(int(text) if text.lstrip("-").isdigit() else Decimal(text))


def _advice_on_text(name: str, text: str) -> str:
    if found := _CONTROL.search(text):
        return phrase(
            " Character {number} is U+{code}, a control character: remove it.", number=found.start() + 1, code=f"{ord(found[0]):04X}"
        )
    if name in _TEXT and len(text) > MAX_STRING:
        return phrase(" It has {count} characters; move it to an Attachment or a Binary.", count=len(text))
    if text != text.strip():
        return phrase(" Remove the space around it.")
    if name in _DATED and _is_no_day(text):
        return phrase(" {month} has {days} days.", month=text[:7], days=monthrange(int(text[:4]), int(text[5:7]))[1])
    if name in ("dateTime", "instant") and "T" in text and not _HAS_OFFSET.search(text):
        return phrase(" Add the offset from UTC, for example +01:00 or Z.")
    return ""


_TEXT = ("string", "markdown")
_DATED = ("date", "dateTime", "instant")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_HAS_OFFSET = re.compile(f"{OFFSET}$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _matcher(name: str) -> Accepts:
    fullmatch = re.compile(PATTERNS[name], re.ASCII).fullmatch

    def accepts(value: Any) -> bool:
        return type(value) is str and value != "" and fullmatch(value) is not None and (value.isprintable() or not _has_control(value))

    return accepts


def _dated(name: str) -> Accepts:
    fullmatch = re.compile(PATTERNS[name], re.ASCII).fullmatch

    def accepts(value: Any) -> bool:
        return type(value) is str and fullmatch(value) is not None and (value[8:10] <= "28" or not _is_no_day(value))

    return accepts


def _is_no_day(text: str) -> bool:
    """True for the 30th of February and the like; `text` begins as the pattern wants it."""
    return bool(_DAY_AT_START.match(text)) and int(text[8:10]) > monthrange(int(text[:4]), int(text[5:7]))[1]


_DAY_AT_START = re.compile(f"{YEAR}-{MONTH}-{DAY}(T|$)")


def _string(value: Any) -> bool:
    return type(value) is str and value != "" and (value.isprintable() or not _has_control(value)) and len(value) <= MAX_STRING


def _has_control(text: str) -> bool:
    return not text.isprintable() and _CONTROL.search(text) is not None


def _xhtml(value: Any) -> bool:
    return type(value) is str and value != "" and _CONTROL.search(value) is None


def _boolean(value: Any) -> bool:
    return value is True or value is False


def _decimal(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and -_TOO_LARGE < value < _TOO_LARGE
    return isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= MAX_EXPONENT


def _whole_number(least: int) -> Accepts:
    def accepts(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_INTEGER

    return accepts


def _base64(value: Any) -> bool:
    if type(value) is not str or not value.isascii():
        return False
    text = value if value.isalnum() else value.translate(_WITHOUT_SPACE)
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return False
    return text != ""


_WITHOUT_SPACE = dict.fromkeys(map(ord, " \t\r\n"))

_INSTANT = phrase("YYYY-MM-DDThh:mm:ss with an offset (2024-02-29T08:30:00+01:00), and a day that exists")
_MOMENT = phrase("YYYY, YYYY-MM, YYYY-MM-DD or {instant}", instant=_INSTANT)

PRIMITIVES: Mapping[str, Primitive] = {
    one.name: one
    for one in (
        Primitive("base64Binary", _base64, "string", phrase("base64 text, four characters for each three bytes, padded with '='")),
        Primitive("boolean", _boolean, "boolean", phrase("true or false")),
        Primitive("canonical", _matcher("canonical"), "string", phrase("a canonical URL without spaces, perhaps with |version")),
        Primitive("code", _matcher("code"), "string", phrase("text without leading, trailing or double spaces")),
        Primitive("date", _dated("date"), "string", phrase("YYYY, YYYY-MM or YYYY-MM-DD, and a day that exists")),
        Primitive("dateTime", _dated("dateTime"), "string", _MOMENT),
        Primitive("decimal", _decimal, "number", phrase("a JSON number between 1e-{most} and 1e{most}", most=MAX_EXPONENT)),
        Primitive("id", _matcher("id"), "string", phrase("1 to 64 letters (A-Z, a-z), digits, '-' and '.'")),
        Primitive("instant", _dated("instant"), "string", _INSTANT),
        Primitive(
            "integer",
            _whole_number(MIN_INTEGER),
            "number",
            phrase("a whole JSON number from {least} to {most}", least=MIN_INTEGER, most=MAX_INTEGER),
        ),
        Primitive("markdown", _string, "string", phrase("text of 1 to {most} characters", most=MAX_STRING)),
        Primitive("oid", _matcher("oid"), "string", phrase("urn:oid: and digits with dots (urn:oid:1.2.250.1.213)")),
        Primitive("positiveInt", _whole_number(1), "number", phrase("a whole JSON number from 1 to {most}", most=MAX_INTEGER)),
        Primitive("string", _string, "string", phrase("text of 1 to {most} characters", most=MAX_STRING)),
        Primitive("time", _matcher("time"), "string", phrase("hh:mm:ss, without an offset")),
        Primitive("unsignedInt", _whole_number(0), "number", phrase("a whole JSON number from 0 to {most}", most=MAX_INTEGER)),
        Primitive("uri", _matcher("uri"), "string", phrase("a URI without spaces")),
        Primitive("url", _matcher("url"), "string", phrase("a URL without spaces")),
        Primitive("uuid", _matcher("uuid"), "string", phrase("urn:uuid: and a UUID in lower case")),
        Primitive("xhtml", _xhtml, "string", phrase("an XHTML <div> as text")),
    )
}

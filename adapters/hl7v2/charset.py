"""Which characters a message is written in: MSH-18 (HL7 2.5, 2.15.9.18, table 0211). Never guessed, never half right.

PAM France asks for 8859/1 or 8859/15 and its samples use UNICODE UTF-8. A message that names no character set is ASCII.
"""

from __future__ import annotations

import re
import unicodedata

from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from fhir_server.model.phrase import phrase

CODECS = {
    "": "ascii",
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859/2": "iso8859-2",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
}
MSH_18 = Place("MSH", field=18)
_LINE_END = re.compile(rb"[\r\n]")
BOM = b"\xef\xbb\xbf"


def declared_charset(raw: bytes) -> str:
    """MSH-18, first repetition, as it is written; empty where the header names none. `raw` begins with MSH."""
    separator, end = raw[3:4], _LINE_END.search(raw)
    fields = (raw[: end.start()] if end else raw).split(separator)
    repetition = fields[1][1:2] if len(fields) > 1 else b"~"
    declared = fields[17] if len(fields) > 17 else b""
    return declared.split(repetition or b"~")[0].decode("ascii", "replace").strip().upper()


def codec_of(charset: str) -> str:
    """The Python codec of a table-0211 name; MessageFault naming MSH-18 where it is not one we read."""
    if codec := CODECS.get(charset):
        return codec
    known = ", ".join(name for name in CODECS if name)
    sentence = phrase("MSH-18 names a character set that is not read here; use one of {known}.", known=known)
    raise MessageFault(ErrorCode.TABLE_VALUE, sentence, MSH_18, rejected=True)


def decode(raw: bytes) -> str:
    """The text of a message that begins with MSH; MessageFault naming MSH-18 where the bytes are not what it declares."""
    charset = declared_charset(raw)
    codec = codec_of(charset)
    try:
        text = raw.removeprefix(BOM).decode(codec)
    except UnicodeDecodeError as error:
        raise MessageFault(ErrorCode.DATA_TYPE, _undecodable(charset, error.start), MSH_18, rejected=True) from None
    if len(raw.translate(None, _CONTROLS[codec == "utf-8"])) != len(raw) and (at := _control_character(text)) is not None:
        raise MessageFault(ErrorCode.DATA_TYPE, _misdeclared(charset, at), MSH_18, rejected=True)
    return text


def _undecodable(charset: str, at: int) -> str:
    if not charset:
        return phrase(
            "MSH-18 is empty, so the message is ASCII, but byte {number} is not; name the character set there (UNICODE UTF-8).",
            number=at + 1,
        )
    return phrase(
        "MSH-18 says {charset}, but byte {number} is not valid in it; send what MSH-18 says, or say in MSH-18 what is sent.",
        charset=charset, number=at + 1,
    )  # fmt: skip


def _misdeclared(charset: str, at: int) -> str:
    return phrase(
        "MSH-18 says {charset}, but character {number} is then a control character; another character set was sent.",
        charset=charset, number=at + 1,
    )  # fmt: skip


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ASCII_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D))
_CONTROLS = (_ASCII_CONTROLS + bytes(range(0x80, 0xA0)), _ASCII_CONTROLS + b"\xc2")
"""The bytes that may betray a control character: in single-byte sets, and in UTF-8 (where C1 controls begin with C2)."""


def _control_character(text: str) -> int | None:
    """C0 and C1 controls never occur in a text: they betray UTF-8 or Windows bytes read as ISO 8859."""
    found = _CONTROL.search(text)
    return found.start() if found else None


def writable(text: str, codec: str) -> str:
    """The text in characters that a codec has: typographic marks become plain ones, and where even accents are none, letters alone."""
    return "".join(one if _has(codec, one) else _plain(one, codec) for one in text)


def _plain(character: str, codec: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    letters = unicodedata.normalize("NFKD", character)
    return "".join(one for one in letters if _has(codec, one) and not unicodedata.combining(one)) or "?"


def _has(codec: str, character: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


_PLAIN = {"\u2019": "'", "\u00ab": '"', "\u00bb": '"', "\u202f": " ", "\u00a0": " ", "\u0153": "oe", "\u2026": "..."}

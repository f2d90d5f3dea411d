"""Which characters a message is written in: MSH-18 (HL7 2.5, 2.15.9.18, table 0211). Never guessed, never half right.

PAM France asks for 8859/1 or 8859/15 and its samples use UNICODE UTF-8. A message that names no character set is ASCII.
"""

from __future__ import annotations

import re

from adapters.hl7v2.fault import ErrorCode, MessageFault, Place

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
    sentence = f"MSH-18 names a character set that is not read here; use one of {known}."
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
        return f"MSH-18 is empty, so the message is ASCII, but byte {at + 1} is not; name the character set there (UNICODE UTF-8)."
    return f"MSH-18 says {charset}, but byte {at + 1} is not valid in it; send what MSH-18 says, or say in MSH-18 what is sent."


def _misdeclared(charset: str, at: int) -> str:
    return f"MSH-18 says {charset}, but character {at + 1} is then a control character; another character set was sent."


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ASCII_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D))
_CONTROLS = (_ASCII_CONTROLS + bytes(range(0x80, 0xA0)), _ASCII_CONTROLS + b"\xc2")
"""The bytes that may betray a control character: in single-byte sets, and in UTF-8 (where C1 controls begin with C2)."""


def _control_character(text: str) -> int | None:
    """C0 and C1 controls never occur in a text: they betray UTF-8 or Windows bytes read as ISO 8859."""
    found = _CONTROL.search(text)
    return found.start() if found else None

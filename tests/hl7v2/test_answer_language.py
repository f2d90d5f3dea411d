"""In which language a sender reads what is wrong (ERR-8): French in France, what MSH-19 says, what is configured for the sender."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.charset import writable
from adapters.hl7v2.listener import settings_by_sender
from adapters.hl7v2.message import Message
from adapters.mapping.maps import Library
from fhir_server.model.issue import FhirError
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
ENGLISH = "PID-7 is a time that does not exist (month must be in 1..12)."
FRENCH = "PID-7 est une date ou heure qui n’existe pas (month must be in 1..12)."
HEADER = b"2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR"


def answered(library: Library, raw: bytes, languages: dict[str, str]) -> tuple[str, str]:
    """ERR-7 and ERR-8."""
    settings = settings_by_sender(ZoneInfo("Europe/Paris"), {}, languages)
    interpreter = AdtInterpreter(library, settings=settings, now=lambda: datetime(2026, 3, 1, tzinfo=UTC), new_id=lambda: "1")
    with pytest.raises(FhirError) as refused:
        asyncio.run(interpreter.interpret(raw, MemoryEndpoint()))
    (error,) = Message.parse(interpreter.refused(raw, refused.value)).all("ERR")
    return error.text(7), error.text(8)


@pytest.mark.parametrize(
    ("country", "language", "configured", "french"),
    [
        (b"FRA", b"FR", {}, True),
        (b"FRA", b"", {}, True),
        (b"", b"fr^French^ISO639", {}, True),
        (b"", b"", {}, False),
        (b"FRA", b"EN", {}, False),
        (b"BEL", b"", {}, False),
        (b"FRA", b"FR", {"DPI-EXEMPLE": "en"}, False),
        (b"", b"", {"DPI-EXEMPLE": "fr"}, True),
        (b"", b"", {"DPI-EXEMPLE|CHU-EXEMPLE": "fr", "DPI-EXEMPLE": "en"}, True),
    ],
)
def test_who_reads_french(
    country: bytes, language: bytes, configured: dict[str, str], french: bool, library: Library, message: Read
) -> None:
    header = b"2.5^FRA^2.11|||||" + country + b"|UNICODE UTF-8|" + language
    raw = message("a01_admission", (b"|19400517|", b"|19401317|"), (HEADER, header))
    assert answered(library, raw, configured) == ((ENGLISH, FRENCH) if french else ("", ENGLISH))


@pytest.mark.parametrize(
    ("codec", "written"),
    [
        ("utf-8", "« né » l’œil\u202f: Ἀ"),
        ("iso8859-15", "« né » l'œil : ?"),
        ("latin-1", "« né » l'oeil : ?"),
        ("ascii", '" ne " l\'oeil : ?'),
    ],
)
def test_what_a_character_set_has_not_is_written_plainly(codec: str, written: str) -> None:
    assert writable("« né » l’œil\u202f: Ἀ", codec) == written

"""Values that are well-formed and still most likely a mistake: warnings, as the reference validator gives them.

https://hl7.org/fhir/R4/datatypes.html#string (white space), #markdown (no raw HTML), #dateTime.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.surroundings import Visit, warning

SOURCE = "https://hl7.org/fhir/R4/datatypes.html"
YEARS = range(1800, 2101)
"""Years that somebody may mean; `0001` and `3017` are typing errors far more often."""

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?=[\s>/]|$)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def is_plain_text(value: Any) -> bool:
    """True of a text that `check_string` has nothing to say about."""
    return type(value) is str and value == value.strip()


def is_plain_markdown(value: Any) -> bool:
    """True of a text that `check_markdown` has nothing to say about."""
    return type(value) is str and "<" not in value


def is_plain_year(value: Any) -> bool:
    """True of a date that `check_year` has nothing to say about."""
    return type(value) is str and len(value) >= 4 and "1800" <= value[:4] <= "2100" and value[:4].isdecimal() and value.isascii()


def check_string(visit: Visit) -> Iterator[Issue]:
    """White space around a text."""
    text = visit.value
    if isinstance(text, str) and text and (text[0].isspace() or text[-1].isspace()):
        yield warning(
            "invalid", visit.at, phrase("The text begins or ends with white space; remove it."), "string-space", f"{SOURCE}#string"
        )


def check_markdown(visit: Visit) -> Iterator[Issue]:
    """HTML in markdown, which a reader will show as text."""
    if not isinstance(visit.value, str) or "<" not in visit.value:
        return
    if found := _TAG.search(_CODE.sub("", visit.value)):
        sentence = phrase(
            "The markdown holds what looks like HTML ('{found}'), which will be shown as it stands; write it in markdown.", found=found[0]
        )
        yield warning("invalid", visit.at, sentence, "markdown-html", f"{SOURCE}#markdown")


def check_year(visit: Visit) -> Iterator[Issue]:
    """A year that nobody means."""
    year = visit.value[:4] if isinstance(visit.value, str) else ""
    if year.isdigit() and int(year) not in YEARS:
        sentence = phrase(
            "The year {year} is outside {start} to {value}; check for a typing error.", year=year, start=YEARS.start, value=YEARS.stop - 1
        )
        yield warning("invalid", visit.at, sentence, "year-implausible", f"{SOURCE}#dateTime")

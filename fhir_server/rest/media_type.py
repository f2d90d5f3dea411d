"""Which format was sent and which is asked for (https://hl7.org/fhir/R4/http.html#mime-type, https://www.rfc-editor.org/rfc/rfc9110#section-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase

FORM = "application/x-www-form-urlencoded"
UTF8 = ("utf-8", "utf8", "us-ascii")
FHIR_VERSIONS = ("4.0", "4.0.1", "R4")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of resources under the name that a client used for it."""

    name: Literal["json", "xml"]
    media_type: str

    @property
    def content_type(self) -> bytes:
        return f"{self.media_type}; charset=utf-8".encode()


JSON = Format("json", "application/fhir+json")
XML = Format("xml", "application/fhir+xml")
FORMATS = {
    "application/fhir+json": JSON,
    "application/json": Format("json", "application/json"),
    "text/json": JSON,
    "application/json+fhir": JSON,
    "application/fhir+xml": XML,
    "application/xml": Format("xml", "application/xml"),
    "text/xml": Format("xml", "text/xml"),
    "application/xml+fhir": XML,
}
SHORT_NAMES = {"json": JSON, "xml": XML}
RANGES = {"*/*": (JSON, XML), "application/*": (JSON, XML), "text/*": (FORMATS["text/xml"], JSON)}
OFFERED = "application/fhir+json, application/fhir+xml"


@lru_cache(maxsize=512)
def accepted_format(accept: str) -> Format:
    """The format for an Accept header: the highest q wins, then the first named; a range stands for what is not refused by name (q=0).
    NOT_ACCEPTABLE where none is offered."""
    if "text/html" in accept:  # a browser, which would rank XML over JSON
        return JSON
    ranked = sorted(_acceptable(accept), key=lambda found: -found[0])
    if ranked:
        return ranked[0][1]
    sentence = phrase(
        "Accept: {accept} asks for nothing this server writes; it offers {offered}, in UTF-8, fhirVersion=4.0.",
        accept=accept, offered=OFFERED,
    )  # fmt: skip
    raise fault(Category.NOT_ACCEPTABLE, "not-supported", sentence)


def _acceptable(accept: str) -> Iterator[tuple[float, Format]]:
    ranges = list(weighted(accept if accept.strip() else "*/*"))
    refused = {FORMATS[name].name for quality, name, _ in ranges if quality == 0 and name in FORMATS}
    for quality, name, parameters in ranges:
        found = FORMATS.get(name) or next((one for one in RANGES.get(name, ()) if one.name not in refused), None)
        if found and quality > 0 and _version_is_ours(parameters) and _is_utf8(parameters):
            yield quality, found


def weighted(header: str) -> Iterator[tuple[float, str, dict[str, str]]]:
    """Quality, name and parameters of each member of an Accept header, in order."""
    for part in header.split(","):
        name, parameters = _media_range(part)
        yield _quality(parameters.get("q", "1")), name, parameters


def _media_range(part: str) -> tuple[str, dict[str, str]]:
    name, *rest = part.split(";")
    pairs = (one.partition("=") for one in rest)
    return name.strip().lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _is_utf8(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "utf-8").lower() in UTF8


def _version_is_ours(parameters: dict[str, str]) -> bool:
    return parameters.get("fhirversion", "4.0") in FHIR_VERSIONS


def asked_format(value: str) -> Format:
    """The format that `_format=value` names; a '+' that the query string turned into a blank is mended."""
    name, parameters = _media_range(value)
    found = SHORT_NAMES.get(name) or FORMATS.get(name.replace(" ", "+")) or next(iter(RANGES.get(name, ())), None)
    if found and _version_is_ours(parameters) and _is_utf8(parameters):
        return found
    sentence = phrase("_format={value} is not a format of this server; use json, xml, {offered}.", value=value, offered=OFFERED)
    raise fault(Category.NOT_ACCEPTABLE, "not-supported", sentence)


@lru_cache(maxsize=128)
def body_format(content_type: str) -> Format:
    """The format of a request body; MEDIA_TYPE where it is none of FHIR's, not UTF-8, or another version of FHIR."""
    name, parameters = _media_range(content_type)
    found = FORMATS.get(name)
    if not found:
        sentence = phrase("Content-Type: {name} is not a format of resources; send {offered}.", name=name or "none", offered=OFFERED)
        raise _unsupported(sentence)
    if not _is_utf8(parameters):
        raise _unsupported(f"The charset {parameters['charset']} is not read; FHIR is always UTF-8.")
    if not _version_is_ours(parameters):
        raise _unsupported(f"fhirVersion={parameters['fhirversion']} is not spoken here; this is a server of FHIR 4.0.")
    return found


def is_form(content_type: str) -> bool:
    """True for the body of a `_search`."""
    return _media_range(content_type)[0] == FORM


def _unsupported(sentence: str) -> FhirError:
    return fault(Category.MEDIA_TYPE, "not-supported", sentence)

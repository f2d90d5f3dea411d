"""Code systems that are a grammar or an outside registry rather than a list (https://hl7.org/fhir/R4/terminologies-systems.html)."""

from __future__ import annotations

import re

from fhir_server.terminology.answer import YES, Answer, no, unknown

_NAME = r"[A-Za-z0-9!#$&^_.+\-*]+"
_QUOTED = r'"[^"\\]*"'
_MEDIA_TYPE = rf"{_NAME}/{_NAME}(?:\s*;\s*{_NAME}=(?:{_NAME}|{_QUOTED}))*"
_LANGUAGE = (
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+"
)


class Grammar:
    """What a code of a system looks like; `decisive` where every well-formed code is a code of the system."""

    def __init__(self, name: str, pattern: str, example: str, decisive: bool):
        self.name, self.example, self.decisive = name, example, decisive
        self._fullmatch = re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch

    def answer(self, code: str) -> Answer:
        """yes, no or unknown for a code of the system."""
        if not self._fullmatch(code):
            return no(f"'{code}' is not a code of {self.name}, which look like '{self.example}'.")
        return YES if self.decisive else unknown(f"'{code}' cannot be checked: the codes of {self.name} are in no package in use.")


GRAMMARS = {
    "urn:ietf:bcp:13": Grammar("BCP 13 (media types)", _MEDIA_TYPE, "application/pdf", True),
    "urn:ietf:bcp:47": Grammar("BCP 47 (languages)", _LANGUAGE, "fr-FR", True),
    "urn:ietf:rfc:3986": Grammar("RFC 3986 (URIs)", r"\S+", "urn:oid:1.2.250.1.213", True),
    "urn:iso:std:iso:4217": Grammar("ISO 4217 (currencies)", r"(?-i:[A-Z]{3})", "EUR", False),
    "urn:iso:std:iso:3166": Grammar("ISO 3166 (countries)", r"(?-i:[A-Z]{2,3}(?:-[A-Z0-9]{1,3})?|[0-9]{3})", "FR", False),
    "http://unitsofmeasure.org": Grammar("UCUM (units)", r"[!-~]+", "mg/dL", False),
    "http://loinc.org": Grammar("LOINC", r"(?:L[AGLP])?[0-9]+-[0-9]|MTHU[0-9]+", "8480-6", False),
    "http://snomed.info/sct": Grammar("SNOMED CT", r"[0-9]{6,18}|[^0-9].*", "73211009", False),
}

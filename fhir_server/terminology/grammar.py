"""Code systems that are a grammar or an outside registry rather than a list (https://hl7.org/fhir/R4/terminologies-systems.html)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from fhir_server.fhirpath.ucum import unit
from fhir_server.model.phrase import phrase
from fhir_server.terminology.answer import YES, Answer, no, unknown
from fhir_server.terminology.check_digit import is_loinc_code, is_snomed_id

_NAME = r"[A-Za-z0-9!#$&^_.+\-*]+"
_QUOTED = r'"[^"\\]*"'
_MEDIA_TYPE = rf"{_NAME}/{_NAME}(?:\s*;\s*{_NAME}=(?:{_NAME}|{_QUOTED}))*"
_LANGUAGE = (
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+"
)


class Grammar:
    """What a code of a system looks like; `decisive` where every well-formed code is a code of the system, `known` are some that are."""

    def __init__(self, name: str, pattern: str, example: str, decisive: bool = False, known: Sequence[str] = ()):
        self.name, self.example, self.decisive, self.known = name, example, decisive, frozenset(known)
        self._fullmatch = re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch

    def answer(self, code: str) -> Answer:
        """yes, no or unknown for a code of the system."""
        if code in self.known:
            return YES
        if not self._fullmatch(code):
            return no(
                phrase("'{code}' is not a code of {name}, which look like '{example}'.", code=code, name=self.name, example=self.example)
            )
        return YES if self.decisive else self.unchecked(code)

    def filtered(self, code: str, _filters: Sequence[dict[str, Any]]) -> Answer:
        """The same under the filters of a value set."""
        answer = self.answer(code)
        return answer if answer.is_no else self.unchecked(code)

    def unchecked(self, code: str) -> Answer:
        return unknown(phrase("'{code}' cannot be checked: the codes of {name} are in no package in use.", code=code, name=self.name))


class CheckedGrammar(Grammar):
    """One whose codes in the form `numbered` carry a check digit."""

    def __init__(self, name: str, pattern: str, example: str, numbered: str, is_right: Callable[[str], bool]):
        super().__init__(name, pattern, example)
        self._numbered, self._is_right = re.compile(numbered, re.ASCII).fullmatch, is_right

    def answer(self, code: str) -> Answer:
        if self._numbered(code) and not self._is_right(code):
            return no(phrase("'{code}' is not a code of {name}: its check digit is wrong. Was it mistyped?", code=code, name=self.name))
        return super().answer(code)


class Units(Grammar):
    """UCUM: a unit that can be taken apart into base units is a code; of filters, `canonical = unit` asks for the same dimension."""

    def answer(self, code: str) -> Answer:
        return YES if unit(code) is not None else super().answer(code)

    def filtered(self, code: str, filters: Sequence[dict[str, Any]]) -> Answer:
        found = unit(code)
        if found is None or any((one.get("property"), one.get("op")) != ("canonical", "=") for one in filters):
            return super().filtered(code, filters)
        wanted = [unit(str(one["value"])) for one in filters]
        if all(one is not None and one[1] == found[1] for one in wanted):
            return YES
        return no(phrase("The unit '{code}' is not of the same kind as '{value}'.", code=code, value=filters[0]["value"]))


def _listed(name: str) -> list[str]:
    return list(json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))[name])


_FORMATS = ("xml", "json", "ttl", "none")
"""What R4 itself writes for its own formats where it asks for a media type (CapabilityStatement.format, TestScript)."""

GRAMMARS = {
    "urn:ietf:bcp:13": Grammar("BCP 13 (media types)", _MEDIA_TYPE, "application/pdf", True, _FORMATS),
    "urn:ietf:bcp:47": Grammar("BCP 47 (languages)", _LANGUAGE, "fr-FR", True),
    "urn:ietf:rfc:3986": Grammar("RFC 3986 (URIs)", r"\S+", "urn:oid:1.2.250.1.213", True),
    "urn:iso:std:iso:4217": Grammar("ISO 4217 (currencies)", r"(?-i:[A-Z]{3})", "EUR", known=_listed("urn:iso:std:iso:4217")),
    "urn:iso:std:iso:3166": Grammar("ISO 3166 (countries)", r"(?-i:[A-Z]{2,3}(?:-[A-Z0-9]{1,3})?|[0-9]{3})", "FR"),
    "http://unitsofmeasure.org": Units("UCUM (units)", r"[!-~]+", "mg/dL"),
    "http://loinc.org": CheckedGrammar("LOINC", r"(?:L[AGLP])?[0-9]+-[0-9]|MTHU[0-9]+", "8480-6", r"[0-9]{1,8}-[0-9]", is_loinc_code),
    "http://snomed.info/sct": CheckedGrammar(
        "SNOMED CT", r"[0-9]{6,18}(?:\s*[|:+{(].*)?|[^0-9].*", "73211009", r"[0-9]{6,18}", is_snomed_id
    ),
}

VALUE_SETS = {"http://www.rfc-editor.org/bcp/bcp13.txt": "urn:ietf:bcp:13"}
"""Value sets that R4 names without defining them, and the code system each is the whole of."""

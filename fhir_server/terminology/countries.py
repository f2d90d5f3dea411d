"""ISO 3166: R4 lists the codes of two letters in a value set of its own
(https://hl7.org/fhir/R4/iso3166.html).
"""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from fhir_server.model.phrase import phrase
from fhir_server.terminology.answer import YES, Answer, no, unknown
from fhir_server.terminology.grammar import GRAMMARS

_LIST = "http://hl7.org/fhir/ValueSet/iso3166-1-2"


class _Listing(Protocol):
    @property
    def codes(self) -> Container[str]: ...


class _ValueSets(Protocol):
    def value_set(self, canonical: str) -> _Listing | None: ...


class Countries:
    """Answers for `urn:iso:std:iso:3166`."""

    system = "urn:iso:std:iso:3166"

    def answer(self, code: str, sources: _ValueSets) -> Answer:
        """Of `FR-75` only the country is looked up; codes of three letters or digits cannot be checked."""
        listed = sources.value_set(_LIST)
        country, _, part = code.partition("-")
        if listed is None or (len(country) > 2 and country.isalnum()):
            return GRAMMARS[self.system].answer(code)
        if country not in listed.codes:
            return no(phrase("'{code}' is not a code of ISO 3166 (countries), which look like 'FR'.", code=code))
        return unknown(phrase("'{code}' cannot be checked: the parts of countries are in no package in use.", code=code)) if part else YES


COUNTRIES = Countries()

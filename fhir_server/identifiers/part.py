"""A part of an identifier and what it means, such as the year of birth in a NIR."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.model.phrase import in_language


@dataclass(frozen=True, slots=True)
class Part:
    """`name` and `meaning` are phrases, or names that are the same in every language (`Haute-Corse`)."""

    name: str
    text: str
    meaning: str = ""

    def said_in(self, language: str) -> str:
        """`sex 2 (female)`."""
        name, meaning = in_language(self.name, language), in_language(self.meaning, language)
        return f"{name} {self.text} ({meaning})" if meaning else f"{name} {self.text}"

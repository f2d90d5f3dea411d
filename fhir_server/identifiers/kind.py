"""A kind of identifier: what its values look like, what they say, and how one is known to be wrong.

`systems` and `types` are those of FR Core (https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import Phrase, in_language, phrase

_BETWEEN = re.compile(r"[\s.\-]")


def nothing_more(_value: str) -> Iterable[Fault]:
    """For kinds of which only the form is known."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`form` is what all values look like, `look` the same in words; `parts` and `beyond` are asked only about values of that form."""

    code: str
    label: Phrase
    form: re.Pattern[str]
    look: Phrase
    source: str
    parts: Callable[[str], Iterable[Part]]
    beyond: Callable[[str], Iterable[Fault]] = nothing_more
    systems: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    guess: re.Pattern[str] | None = None
    """A narrower form, for values that come without system."""

    @property
    def has_key(self) -> bool:
        """Whether more than the form can be checked."""
        return self.beyond is not nothing_more

    def fits(self, value: str) -> bool:
        """Whether the value has the form; its key may be wrong."""
        return self.form.fullmatch(value) is not None

    def looks_like(self, value: str) -> bool:
        """Whether a value that comes without system may be meant as one of this kind; its key may be wrong."""
        form = (self.guess or self.form).fullmatch(value)
        return form is not None and all(fault.message_id != "identifier-form" for fault in self.check(value))

    def parse(self, value: str) -> tuple[Part, ...]:
        """The parts, explained; none where the form is wrong."""
        return tuple(self.parts(value)) if self.fits(value) else ()

    def check(self, value: str) -> tuple[Fault, ...]:
        """All that is wrong with the value; () where it is sound."""
        return tuple(self.beyond(value)) if self.fits(value) else (self._form_fault(value),)

    def explain(self, value: str, language: str = "en") -> str:
        """`RPPS: number 1000242297, key 9`, and the faults behind it, in one of `language.LANGUAGES`."""
        said = ", ".join(part.said_in(language) for part in self.parse(value))
        parts = [in_language(phrase("{kind}: {parts}.", kind=self.label, parts=said), language)] if said else []
        return " ".join((*parts, *(in_language(fault.sentence, language) for fault in self.check(value))))

    def _form_fault(self, value: str) -> Fault:
        sentence = phrase(
            "{kind}: {look}; this has {count} characters.{hint}", kind=self.label, look=self.look, count=len(value), hint=self._hint(value)
        )
        return Fault("identifier-form", sentence)

    def _hint(self, value: str) -> str:
        if self.fits(_BETWEEN.sub("", value).upper()):
            return phrase(" Write it in capitals, with nothing between its characters.")
        return phrase(" Some characters are of the wrong sort or too many or too few: compare it with the original.")

"""National identifiers that are another one behind a digit which says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import Phrase, phrase


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a prefix: a value of a kind and, where `internal`, a slash and a number of the structure's own."""

    label: Phrase
    kind: Kind | None
    internal: bool = False

    def parts(self, value: str) -> Iterator[Part]:
        national, _, own = value.partition("/") if self.internal else (value, "", "")
        yield from self.kind.parse(national) if self.kind else (Part(phrase("number"), national),)
        if own:
            yield Part(phrase("number within the structure"), own)

    def faults(self, value: str) -> Iterator[Fault]:
        national, slash, own = value.partition("/") if self.internal else (value, "/", "-")
        if not slash or not own:
            sentence = phrase("Behind the structure's number come a slash and the number that it gave: add them, or mend the prefix.")
            yield Fault("identifier-form", sentence)
        elif self.kind:
            yield from self.kind.check(national)


def prefixed_parts(prefixes: Mapping[str, Behind]) -> Callable[[str], Iterable[Part]]:
    """The prefix and the parts of what stands behind it."""

    def parts(value: str) -> Iterator[Part]:
        behind = prefixes.get(value[0])
        if behind is None:
            yield Part(phrase("number"), value, phrase("not known"))
            return
        yield Part(phrase("prefix"), value[0], behind.label)
        yield from behind.parts(value[1:])

    return parts

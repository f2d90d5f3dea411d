"""An element constrained by a differential (https://hl7.org/fhir/R4/elementdefinition.html#interpretation): what is replaced, what
accumulates, and what a profile may not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fhir_server.model.phrase import alternatives, phrase

Row = dict[str, Any]

PLACE = frozenset(("id", "path", "base", "contentReference"))
TEXTS = frozenset(("definition", "comment", "requirements"))
ABSTRACT = frozenset(("Resource", "DomainResource", "Element", "BackboneElement", "*"))
SYSTEM = "http://hl7.org/fhirpath/System."


def constrained(base: Row, row: Row) -> Row:
    """The element `base` with what the differential's row says of it. Neither is changed."""
    made = dict(base)
    if any(key.startswith(("fixed", "pattern")) for key in row):
        made = {key: value for key, value in made.items() if not key.startswith(("fixed", "pattern"))}
    for key, value in row.items():
        if key not in PLACE:
            made[key] = _merged(key, made.get(key), value)
    return made


def _merged(key: str, former: Any, value: Any) -> Any:
    if former is None:
        return value
    if key in TEXTS:
        return f"{former}\n\n{value[3:]}" if value.startswith("...") else value
    merge = ACCUMULATED.get(key)
    return merge(former, value) if merge else value


def _by(name: str) -> Callable[[list[Row], list[Row]], list[Row]]:
    """Lists whose members are known by one of their elements: the new ones replace, or come behind."""

    def merge(former: list[Row], new: list[Row]) -> list[Row]:
        fresh = {one.get(name): one for one in new}
        kept = [fresh.pop(one.get(name), one) for one in former]
        return [*kept, *fresh.values()]

    return merge


def _united(former: list[Any], new: list[Any]) -> list[Any]:
    return [*former, *(one for one in new if one not in former)]


def _over(former: Row, new: Row) -> Row:
    return former | new


def _sliced_again(former: Row, new: Row) -> Row:
    """Slicing that is closed stays so."""
    return former | new | ({"rules": former["rules"]} if new.get("rules") == "open" and "rules" in former else {})


ACCUMULATED: dict[str, Callable[[Any, Any], Any]] = {
    "constraint": _by("key"), "extension": _by("url"), "mapping": _united, "alias": _united, "condition": _united, "code": _united,
    "binding": _over, "slicing": _sliced_again,
}  # fmt: skip


def contradictions(base: Row, made: Row, is_slice: bool) -> Iterator[tuple[str, str]]:
    """(message id, sentence) of each rule that a constrained element breaks."""
    low, high = made.get("min", 0), _number(made.get("max", "*"))
    if low > high:
        yield (
            "snapshot-min-max",
            phrase("min is {low}, max is {high}: no resource can have that; lower min or raise max.", low=low, high=made.get("max")),
        )
    if not is_slice and low < base.get("min", 0):
        yield (
            "snapshot-min",
            phrase(
                "min is {low}, but the base asks for {base}; a profile may only raise it: set min to {base}.", low=low, base=base["min"]
            ),
        )
    if high > _number(base.get("max", "*")):
        yield (
            "snapshot-max",
            phrase(
                "max is {high}, but the base allows {base}; a profile may only lower it: set max to that.",
                high=made["max"],
                base=base["max"],
            ),
        )
    if base.get("mustSupport") and made.get("mustSupport") is False and not is_slice:
        yield (
            "snapshot-must-support",
            phrase("mustSupport is false, but the base has it true and a profile cannot take it back; remove it."),
        )
    yield from _types(base, made)
    yield from _values(made)


def _values(made: Row) -> Iterator[tuple[str, str]]:
    """A fixed or pattern value must be of one of the element's types."""
    codes = {str(one.get("code")) for one in made.get("type", ())}
    if not codes or any(code in ABSTRACT or code.startswith(SYSTEM) for code in codes):
        return
    for key in made:
        kind = key.removeprefix("fixed").removeprefix("pattern")
        if key.startswith(("fixed", "pattern")) and kind not in {code[:1].upper() + code[1:] for code in codes}:
            yield (
                "snapshot-value-type",
                phrase(
                    "{key} is not of the type {codes}; write the value as one of that type.", key=key, codes=alternatives(sorted(codes))
                ),
            )


def _number(maximum: str) -> float:
    return float("inf") if maximum == "*" else int(maximum)


def _types(base: Row, made: Row) -> Iterator[tuple[str, str]]:
    allowed = [one.get("code", "") for one in base.get("type", ())]
    if not allowed or any(code in ABSTRACT or code.startswith(SYSTEM) for code in allowed):
        return
    for one in made.get("type", ()):
        if one.get("code") not in allowed:
            sentence = phrase(
                "The type {code} is not among those of the base ({allowed}); choose one of them.",
                code=one.get("code"),
                allowed=", ".join(allowed),
            )
            yield "snapshot-type", sentence

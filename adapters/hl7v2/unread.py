"""What of a message no line of its map read; the maps must be loaded traced."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.hl7v2.fault import Place
from adapters.hl7v2.header import is_read
from adapters.hl7v2.message import Repetition
from adapters.hl7v2.trigger import READ
from adapters.mapping.run import Run


def unread(run: Run) -> list[str]:
    """The components that were sent and that neither a line of the map nor the program itself read, as `PID-11[2].7`; the library must be
    loaded traced."""
    return [str(place) for place in _not_mapped(run) if not _is_read_by_program(place)]


def read_by_program(run: Run) -> list[str]:
    """The components that no line of the map read, but the program: to choose the map, to answer, to know what a movement does."""
    return [str(place) for place in _not_mapped(run) if _is_read_by_program(place)]


def _is_read_by_program(place: Place) -> bool:
    field, component = place.field or 0, place.component or 1
    return is_read(field, component) if place.segment == "MSH" else place.segment == "ZBE" and field in READ and component == 1


def _not_mapped(run: Run) -> list[Place]:
    places: list[Place] = []
    for segment in run.source.segments:
        fields = range(3 if segment.name == "MSH" else 1, len(segment.fields))
        places += [place for number in fields for one in segment.repetitions(number) for place in _unread_components(run, one)]
    return places


def _unread_components(run: Run, one: Repetition) -> Iterable[Place]:
    segment = one.segment
    for position, text in enumerate(one.raw.split(one.separators.component)):
        if text and (segment.name, segment.occurrence, one.field, one.number, position) not in run.reads:
            yield Place(segment.name, segment.occurrence, one.field, one.number, position + 1)

"""A stay as its movements make it: status, class, period, places, attending physicians, where it ended, with their histories.

Everything here is computed from the log of movements (movement.py) and from nothing else, so a movement that comes late, twice or is taken
back leaves the stay as if all had come in order (https://hl7.org/fhir/R4/encounter.html, statusHistory, classHistory, location).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.hl7v2.movement import Movement, moment
from adapters.hl7v2.trigger import Kind

PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ATTENDING = "ATND"
DESTINATION = "https://passerelle.care/fhir/CodeSystem/discharge-destination"
AWAITED = (Kind.PENDING_ADMISSION, Kind.PRE_ADMISSION)
ANNOUNCING = (Kind.PENDING_TRANSFER, Kind.PENDING_DISCHARGE)
STATUS = {
    **dict.fromkeys(AWAITED, "planned"),
    Kind.ADMISSION: "in-progress",
    Kind.CLASS_CHANGE: "in-progress",
    Kind.RETURN: "in-progress",
    Kind.LEAVE: "onleave",
    Kind.DISCHARGE: "finished",
}
COMPUTED = ("status", "class", "period", "location", "statusHistory", "classHistory")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A value that held from `start` (None: unknown) to `end` (None: still)."""

    value: Any
    start: str | None
    end: str | None = None

    @property
    def period(self) -> dict[str, str]:
        return {name: at for name, at in (("start", self.start), ("end", self.end)) if at}


@dataclass(frozen=True, slots=True)
class StayState:
    """The computed elements of an Encounter; an element that is not in `elements` has no value. `impossible`: it ends before it begins."""

    elements: dict[str, Any]
    attending: list[dict[str, Any]]
    hospitalization: dict[str, Any]
    impossible: bool


def stay_state(told: Iterable[Movement]) -> StayState:
    """What the movements of a stay come to."""
    ordered = sorted(told, key=_order)
    live = _live(ordered)
    course = _course(live)
    statuses = _statuses(course) or [Stretch(_without_movements(ordered, live), None)]
    classes = _changes((one.said.get("class"), one.start) for one in course)
    elements = {
        "status": statuses[-1].value,
        "statusHistory": [{"status": one.value, "period": one.period} for one in statuses[:-1]],
        "class": classes[-1].value if classes else None,
        "classHistory": [{"class": one.value, "period": one.period} for one in classes[:-1]],
        "period": _period(statuses, course, ordered),
        "location": _locations(course, planned=statuses[-1].value == "planned"),
    }
    said = {name: value for name, value in elements.items() if value}
    return StayState(said, _attending(course), _end(statuses, course), _impossible(course, elements["period"]))


def _impossible(course: Sequence[Movement], period: dict[str, str]) -> bool:
    """A discharge before anything else though the admission is known, or a period that ends before it begins (per-1)."""
    discharged_first = course[:1] and course[0].kind is Kind.DISCHARGE and any(one.kind is Kind.ADMISSION for one in course)
    return bool(discharged_first) or ("start" in period and "end" in period and moment(period["end"]) < moment(period["start"]))


def _order(one: Movement) -> tuple[Any, ...]:
    return (one.began, list(Kind).index(one.kind), one.recorded, one.identity)


def _live(ordered: Sequence[Movement]) -> list[Movement]:
    """The movements that were not taken back; where the admission was, and no other stands for it, nothing but what awaits one."""
    live = [one for one in ordered if not one.cancelled]
    admissions = [one for one in ordered if one.kind is Kind.ADMISSION]
    taken_back = admissions and all(one.cancelled for one in admissions)
    return [one for one in live if one.kind in AWAITED] if taken_back else live


def _course(live: Sequence[Movement]) -> list[Movement]:
    """The movements that count: none awaited once the person is there, none after a discharge before she is admitted again."""
    present = [one for one in live if one.kind not in (*AWAITED, *ANNOUNCING)]
    course: list[Movement] = []
    for one in present or [one for one in live if one.kind in AWAITED]:
        if not course or course[-1].kind is not Kind.DISCHARGE or one.kind is Kind.ADMISSION:
            course.append(one)
    return course


def _without_movements(ordered: Sequence[Movement], live: Sequence[Movement]) -> str:
    """A stay whose admission was taken back never was; of one with no admission at all nothing is known."""
    if any(one.kind in ANNOUNCING for one in live):
        return "in-progress"
    return "cancelled" if any(one.kind in (*AWAITED, Kind.ADMISSION) for one in ordered) else "unknown"


def _statuses(course: Sequence[Movement]) -> list[Stretch]:
    return _changes((STATUS.get(one.kind) or (None if at else "in-progress"), one.start) for at, one in enumerate(course))


def _changes(values: Iterable[tuple[Any, str | None]]) -> list[Stretch]:
    """The stretches of a value that each change begins; None changes nothing."""
    begun: list[tuple[Any, str | None]] = []
    for value, start in values:
        if value is not None and (not begun or begun[-1][0] != value):
            begun.append((value, start))
    ends = [*(start for _, start in begun[1:]), None]
    return [Stretch(value, start, end) for (value, start), end in zip(begun, ends, strict=False)]


def _period(statuses: Sequence[Stretch], course: Sequence[Movement], ordered: Sequence[Movement]) -> dict[str, str]:
    end = statuses[-1].start if statuses[-1].value == "finished" else None
    return Stretch(None, _began(course, ordered), end).period


def _began(course: Sequence[Movement], ordered: Sequence[Movement]) -> str | None:
    """When the admission says, else what later messages say of it (PV1-44), else when the person was first seen there."""
    admissions = [one.start for one in course if one.kind in (Kind.ADMISSION, *AWAITED)]
    told = [one.said["admission"] for one in sorted(ordered, key=lambda one: one.recorded) if "admission" in one.said]
    seen = [one.start for one in course or ordered if one.kind is not Kind.DISCHARGE]
    return next((start for start in (*admissions, *told[-1:], *seen) if start), None)


# Places and physicians.


def _held(course: Sequence[Movement], value: Callable[[Movement], Any]) -> list[Stretch]:
    """The stretches of what a movement says and a discharge ends; one that only the discharge tells of began nobody knows when."""
    done: list[Stretch] = []
    current: Stretch | None = None
    for one in course:
        said = value(one)
        changed = said and (current is None or current.value != said)
        leaves = one.kind is Kind.DISCHARGE
        if current and (changed or leaves):
            done.append(Stretch(current.value, current.start, one.start))
            current = None
        if changed and leaves:
            done.append(Stretch(said, None, one.start))
        elif changed:
            current = Stretch(said, one.start)
    return [*done, current] if current else done


def _locations(course: Sequence[Movement], planned: bool) -> list[dict[str, Any]]:
    """The beds, then the wards, each in the order in which the person was there."""
    stretches = [*_held(course, _reference("place")), *_held(course, _reference("medicalWard"))]
    return [{"location": one.value, "status": _place_status(one, planned), "period": one.period} for one in stretches]


def _reference(name: str) -> Callable[[Movement], Any]:
    def reference(one: Movement) -> Any:
        said = one.said.get(name) or {}
        return said if "reference" in said else None

    return reference


def _place_status(one: Stretch, planned: bool) -> str:
    return "completed" if one.end else "planned" if planned else "active"


def _attending(course: Sequence[Movement]) -> list[dict[str, Any]]:
    """The participants of type ATND, with the time in which they were (PV1-7, A54)."""
    return [
        {"type": [{"coding": [{"system": PARTICIPATION, "code": ATTENDING}]}], "period": one.period, "individual": individual}
        for one in _held(course, lambda movement: movement.said.get("attending"))
        for individual in one.value
    ]


def _end(statuses: Sequence[Stretch], course: Sequence[Movement]) -> dict[str, Any]:
    """Where the person went, from the discharge that ended the stay; there is no destination after a death."""
    if statuses[-1].value != "finished":
        return {}
    said = course[-1].said
    disposition, destination = said.get("disposition"), said.get("destination")
    codings = (disposition or {}).get("coding", ())
    if any(one.get("system") == DESTINATION and one.get("code") == "death" for one in codings):
        destination = None
    return {name: value for name, value in (("dischargeDisposition", disposition), ("destination", destination)) if value}


__all__ = ["COMPUTED", "StayState", "stay_state"]

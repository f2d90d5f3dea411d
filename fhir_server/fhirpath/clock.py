"""now, today, timeOfDay (http://hl7.org/fhirpath/N1/#current-date-and-time-functions): the same all through one evaluation."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.fhirpath import dates
from fhir_server.fhirpath.context import Run
from fhir_server.fhirpath.node import collection
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.model.temporal import Temporal


def _register(name: str, part: Callable[[Temporal], Temporal]) -> None:
    @function(name)
    def build(_compiler: Compiles, _call: Call) -> Run:
        return lambda scope: collection(part(dates.moment(scope.run.now)))


_register("now", lambda moment: moment)
_register("today", dates.day_of)
_register("timeOfDay", dates.time_of)

"""What several evaluations may take together: who asks for many must not take many times as much."""

from __future__ import annotations

from dataclasses import replace

from fhir_server.fhirpath.context import Context
from fhir_server.fhirpath.errors import FhirPathError


class Steps:
    """Counts down from `most`."""

    def __init__(self, most: int):
        self.left = most

    def shared_by(self, context: Context) -> Context:
        """The context of the next evaluation, which may take what is left; FhirPathError where nothing is."""
        if self.left <= 0:
            raise FhirPathError("The evaluations of this request took too many steps together; ask for less at once.")
        return replace(context, max_steps=self.left, spent=self._take)

    def _take(self, steps: int) -> None:
        self.left -= steps

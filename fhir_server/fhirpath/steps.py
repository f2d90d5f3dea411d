"""What several evaluations may take together: who asks for many must not take many times as much."""

from __future__ import annotations

from fhir_server.fhirpath.errors import FhirPathError


class Steps:
    """Counts down from `most`; given to each `Context` whose evaluations share it."""

    def __init__(self, most: int):
        self.left = most

    def allowed(self, most: int) -> int:
        """What the next evaluation may take, itself at most `most`; FhirPathError where nothing is left."""
        if self.left <= 0:
            raise FhirPathError("The evaluations of this request took too many steps together; ask for less at once.")
        return min(most, self.left)

    def take(self, steps: int) -> None:
        """Count what an evaluation took."""
        self.left -= steps

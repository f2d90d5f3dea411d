"""How bad a faulty identifier is: a warning in what is received (it must be read), an error in what is created here, for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fhir_server.identifiers.kind import Kind

Grade = Literal["off", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Grades:
    """`of` has grades by the code of a kind; `default` counts for the others."""

    default: Grade = "warning"
    of: Mapping[str, Grade] = field(default_factory=dict)

    def grade(self, kind: Kind) -> Grade:
        return self.of.get(kind.code, self.default)


RECEIVED = Grades("warning")
CREATED = Grades("error")

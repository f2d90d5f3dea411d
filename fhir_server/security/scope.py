"""A SMART scope as a value: `patient/Observation.rs?category=laboratory` (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Context = Literal["patient", "user", "system"]
Permission = Literal["c", "r", "u", "d", "s"]
ALL_PERMISSIONS: frozenset[Permission] = frozenset(("c", "r", "u", "d", "s"))


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be done with a resource type (`*`: all): create, read, update, delete, search; with `filters` only with what they find."""

    context: Context
    type: str
    permissions: frozenset[Permission]
    filters: tuple[tuple[str, str], ...] = ()

    def covers(self, type_name: str, permission: Permission) -> bool:
        """True where the scope allows this of the type; its filters narrow it further."""
        return permission in self.permissions and self.type in ("*", type_name)

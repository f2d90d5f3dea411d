"""One line of the table of routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

Handler = Callable[[FhirRequest], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """`template` has the variables {type}, {id} and {vid}; `types` limits {type} (None: every resource type).

    `affects_state` is said of operations that change something: they have no place in a transaction.

    `interactions` are codes of https://hl7.org/fhir/R4/valueset-type-restful-interaction.html and
    valueset-system-restful-interaction.html; `operation` is the canonical URL of an OperationDefinition.
    """

    method: str
    template: str
    handler: Handler
    says: str
    interactions: tuple[str, ...] = ()
    operation: str | None = None
    types: frozenset[str] | None = None
    affects_state: bool = False

    @property
    def segments(self) -> list[str]:
        return [segment for segment in self.template.split("/") if segment]

    @property
    def addresses(self) -> list[str]:
        """The template, once for each type where it is for certain types only: /Patient/{id}/$everything."""
        return [self.template] if self.types is None else [self.template.replace("{type}", one) for one in sorted(self.types)]

    @property
    def is_system_wide(self) -> bool:
        return "{type}" not in self.template

    def serves(self, type_name: str) -> bool:
        return not self.is_system_wide and (self.types is None or type_name in self.types)

    @property
    def name(self) -> str:
        """What logs and metrics call it: the first code, the operation, or the template."""
        return self.interactions[0] if self.interactions else self.operation_name or self.template.strip("/")

    @property
    def audited_name(self) -> str:
        """What the audit trail calls it: the code of the interaction, or the operation with its sign."""
        return f"${self.operation_name}" if self.operation_name else self.name

    @property
    def operation_name(self) -> str:
        """`validate` of `/{type}/$validate`."""
        return self.template.rpartition("$")[2] if "$" in self.template else ""

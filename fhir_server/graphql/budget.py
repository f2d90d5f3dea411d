"""What one query may cost: fields answered, resources read, searches, levels."""

from __future__ import annotations

import asyncio

from graphql import Node

from fhir_server.fhirpath.steps import Steps
from fhir_server.graphql.fault import too_costly

MAX_FIELDS = 100_000
MAX_READS = 500
MAX_SEARCHES = 50
MAX_FOUND = 5_000
MAX_LEVELS = 60
MAX_STEPS = 500_000
"""Of all evaluations of FHIRPath together."""
FIELDS_AT_A_TIME = 500
"""After so many fields others have their turn."""


class Budget:
    """Counts down; GraphQLFault TOO_LARGE where something is used up."""

    def __init__(self) -> None:
        self.steps = Steps(MAX_STEPS)
        self._fields, self._reads, self._searches, self._found = MAX_FIELDS, MAX_READS, MAX_SEARCHES, MAX_FOUND

    async def field(self, level: int, node: Node) -> None:
        self._fields -= 1
        if self._fields < 0:
            raise too_costly(f"The answer would have more than {MAX_FIELDS} fields; ask for less, or in pages.", node)
        if level > MAX_LEVELS:
            raise too_costly(f"The answer would be nested deeper than {MAX_LEVELS} levels.", node)
        if self._fields % FIELDS_AT_A_TIME == 0:
            await asyncio.sleep(0)

    def read(self, node: Node) -> None:
        self._reads -= 1
        if self._reads < 0:
            raise too_costly(f"The query follows more than {MAX_READS} references; ask for less, or in pages.", node)

    def search(self, node: Node) -> None:
        self._searches -= 1
        if self._searches < 0:
            raise too_costly(f"The query searches more than {MAX_SEARCHES} times; ask for fewer resources with lists below them.", node)

    def found(self, resources: int, node: Node) -> None:
        self._found -= resources
        if self._found < 0:
            raise too_costly(f"The searches of the query find more than {MAX_FOUND} resources; ask in pages (Connection).", node)

"""One extraction at work (https://hl7.org/fhir/uv/sdc/STU4/extraction.html): the form, the response, the ids that were allocated, and what
there is to tell. The three kinds of extraction stand on it.

Expressions see what an `Environment` shows, and the names of `extractAllocateId` at their item and around it. One that cannot be
evaluated gives nothing and is told of: what is not concerned by it is extracted all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.fhirpath.plain import plain
from fhir_server.model.issue import FhirError, Issue
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.extract_identity import ExtractIdentity
from fhir_server.questionnaires.item import SDC, extensions
from fhir_server.questionnaires.pairing import Pair

ALLOCATE_ID = SDC + "extractAllocateId"

Nodes = list[Node]


class Extraction:
    """`new_id` makes the ids, so that tests can know them. `issues` grows while it works; the same thing is told once. `identity` is there
    where the response is stored, so that what is extracted of it again can be known."""

    def __init__(self, environment: Environment, new_id: Callable[[], UUID] = uuid4, stored_as: str | None = None):
        self.environment, self.root, self.schema = environment, environment.root, environment.schema
        self.identity = ExtractIdentity(stored_as, self.schema) if stored_as else None
        self.issues: list[Issue] = []
        self._new_id = new_id
        self._allocated: dict[int, dict[str, str]] = {}

    def new_url(self) -> str:
        """A new fullUrl."""
        return f"urn:uuid:{self._new_id()}"

    def evaluate(self, expression: Any, at: Pair, more: Mapping[str, Any] | None = None, focus: Nodes | None = None) -> Nodes:
        """What an expression gives at an item; nothing, and a warning, where it cannot be evaluated, or may not be asked."""
        try:
            return self.environment.evaluate(expression, at, {**self.allocated(at), **(more or {})}, focus)
        except (FhirPathError, FhirError) as error:
            self.tell(f"The expression {shown(expression)} was not evaluated: {error} Mend it in the Questionnaire.", at)
            return []

    def text(self, expression: Any, at: Pair) -> str | None:
        """The first value of an expression as text."""
        if expression is None:
            return None
        found = [plain(node.value) for node in self.evaluate(expression, at)]
        return next((str(value) for value in found if value is not None and not isinstance(value, dict | list)), None)

    def allocated(self, at: Pair) -> dict[str, str]:
        """The ids allocated at this item and around it; a repeat has ids of its own."""
        if id(at) not in self._allocated:
            around = self.allocated(at.parent) if at.parent else {}
            names = [str(name) for name in extensions(at.question, ALLOCATE_ID)]
            self._allocated[id(at)] = {**around, **{name: self.new_url() for name in names}}
        return self._allocated[id(at)]

    def tell(self, sentence: str, at: Pair, severity: Any = "warning") -> None:
        """Say something about the extraction of an item."""
        place = at.node.location if at.item is not None else f"Questionnaire item {at.link_id}"
        issue = Issue(severity, "processing" if severity == "warning" else "informational", sentence, place)
        if issue not in self.issues:
            self.issues.append(issue)


def shown(expression: Any) -> str:
    """An expression in a sentence."""
    source = expression.get("expression") if isinstance(expression, dict) else expression
    return f"`{str(source)[:120]}`"


def is_answered(pair: Pair) -> bool:
    """True where the response says something here: an answer at this item or below it."""
    return any(one.answers for one in pair.walk())

"""A filled form of the guide, worked out."""

from __future__ import annotations

from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.calculation import calculate
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.enablement import is_enabled


class WorkedOut:
    """What the form calculates of a response, and what it asks and shows."""

    def __init__(self, form: dict[str, Any], response: dict[str, Any], definitions: Definitions):
        self._environment = Environment(paired(form, response), definitions.schema, given={})
        assert calculate(self._environment, no_options) == []
        self._pairs = {pair.link_id: pair for pair in self._environment.root.walk() if pair.parent}

    def value(self, link_id: str) -> Any:
        """The one answer; None where there is none."""
        answers = [next(iter(answer.values())) for answer in self._pairs[link_id].answers]
        assert len(answers) <= 1
        return answers[0] if answers else None

    def shows(self, link_id: str) -> bool:
        return is_enabled(self._pairs[link_id], self._environment)

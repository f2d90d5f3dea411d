"""Whether two Practitioners are one person.

A national number alone never says so: in an official sample (LDL-SES) three persons share one RPPS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_server.model.person_name import same_name


def same_professional(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """An identifier in common, and one family name (case, accents and hyphens aside) with given names that do not contradict each other."""
    return not _numbers(one).isdisjoint(_numbers(other)) and same_name(one, other)


def _numbers(resource: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    return {(number.get("system"), number["value"]) for number in resource.get("identifier", []) if number.get("value")}

"""Answers out of observations: the latest of a question's code within a period
(https://hl7.org/fhir/uv/sdc/STU4/populate.html#observation-based-population).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from fhir_server.fhirpath import Node
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import SDC, Item, extension
from fhir_server.questionnaires.pairing import Pair

OBSERVATION_LINK_PERIOD = SDC + "observationLinkPeriod"
STATUSES = "final,amended,corrected"
"""What is preliminary, cancelled or entered in error fills no form."""

DAYS = {"a": Decimal("365.25"), "mo": Decimal("30.4375"), "wk": Decimal(7), "d": Decimal(1), "h": Decimal(1) / 24, "min": Decimal(1) / 1440}
WORDS = {"year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "minute": "min"}
MAX_DAYS = 200 * 366


def observed(pair: Pair, subject: str, environment: Environment, now: datetime) -> list[Node]:
    """The value of the latest observation that fits a question; empty where it asks for none, or there is none."""
    codes = _codes(pair.question)
    since = _since(extension(pair.question, OBSERVATION_LINK_PERIOD), now)
    if since is None or not codes or environment.source is None:
        return []
    query = f"subject={quote(subject, safe='/')}&combo-code={quote(','.join(codes), safe='|,')}&status={STATUSES}"
    found = environment.source.search("Observation", f"{query}&date=ge{quote(since)}&_sort=-date&_count=1")
    entries = objects(found.get("entry"))
    return list(_value(entries[0]["resource"], set(codes), environment)) if entries else []


def _codes(question: Item) -> list[str]:
    coded = [one for one in objects(question.get("code")) if one.get("code")]
    return [f"{one['system']}|{one['code']}" if one.get("system") else str(one["code"]) for one in coded]


def _since(period: Any, now: datetime) -> str | None:
    """The first moment that counts; None without a period that can be read."""
    if not isinstance(period, dict) or not isinstance(value := period.get("value"), int | Decimal):
        return None
    unit = str(period.get("code") or period.get("unit") or "")
    days = DAYS.get(unit) or DAYS.get(WORDS.get(unit.rstrip("s"), ""))
    return None if days is None else (now - timedelta(days=float(min(days * value, Decimal(MAX_DAYS))))).isoformat(timespec="seconds")


def _value(observation: Resource, codes: set[str], environment: Environment) -> Iterator[Node]:
    """The value of the observation itself, or of the component that has the code."""
    root = Node(observation, "Observation")
    holders = [root] if _has_code(observation, codes) else []
    holders += [Node(one, "Observation.component", None, root) for one in objects(observation.get("component")) if _has_code(one, codes)]
    for holder in holders[:1]:
        yield from environment.evaluate("%observed.value", environment.root, {"observed": holder})


def _has_code(holder: Item, codes: set[str]) -> bool:
    codings = objects((holder.get("code") or {}).get("coding"))
    return any(f"{one.get('system')}|{one.get('code')}" in codes or str(one.get("code")) in codes for one in codings)

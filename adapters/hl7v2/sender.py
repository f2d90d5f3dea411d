"""What is known of a sender beside its messages."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """What is known of a sender beside its messages: the zone of times without an offset."""

    zone: ZoneInfo = PARIS

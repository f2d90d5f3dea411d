"""What is known of a sender beside its messages."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """What is known of a sender beside its messages: the zone of times without an offset, and the language of the sentences in answers,
    "" where its messages say it (MSH-19, MSH-17)."""

    zone: ZoneInfo = PARIS
    language: str = ""

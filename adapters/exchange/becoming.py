"""What becomes of a message by what its destination answered: delivered, tried again after a pause, or a dead letter with the reason."""

from __future__ import annotations

from adapters.endpoint import NOT_MADE, OutboxMessage, OutboxStatus, Outcome
from adapters.exchange.back_off import Fraction, pause
from adapters.exchange.destination import SECOND, Rules
from adapters.exchange.transport import Answer, Later, Receipt, Refused

GIVEN_BACK = "given back"
LONGEST_ASKED = 86_400.0
"""Seconds, the most that a destination may ask us to wait."""


def refused_here(message: OutboxMessage, rules: Rules, now: int) -> Refused | None:
    """Why its destination need not be asked any more."""
    if (end := rules.ends(message)) and end <= now:
        return Refused(f"its time was over before it could be delivered ({message.attempts - 1} attempts)")
    if message.content_type == NOT_MADE:
        return Refused(f"it could not be made: {message.body.decode(errors='replace')}")
    return None


def became(message: OutboxMessage, answer: Answer, rules: Rules, now: int, fraction: Fraction) -> Outcome:
    """What the answer makes of the message."""
    if isinstance(answer, Receipt):
        return _outcome(message, "delivered", now, answer.text)
    if isinstance(answer, Refused):
        return _outcome(message, "dead", now, answer.reason)
    if rules.attempts and message.attempts >= rules.attempts:
        return _outcome(message, "dead", now, f"given up after {message.attempts} attempts: {answer.reason}")
    return _outcome(message, "waiting", now, answer.reason, due=_due(message, answer, rules, now, fraction))


def given_back(message: OutboxMessage, now: int) -> Outcome:
    """It was not tried, and whoever comes next may."""
    return Outcome(message.number, message.owner, "waiting", now, GIVEN_BACK, tried=0)


def _due(message: OutboxMessage, answer: Later, rules: Rules, now: int, fraction: Fraction) -> int:
    """When it is tried again: as its destination asks, and never later than its end."""
    seconds = pause(message.attempts, rules.first_pause, rules.longest_pause, fraction)
    if answer.seconds is not None:
        seconds = max(min(answer.seconds, LONGEST_ASKED), seconds * fraction())
    due = now + int(seconds * SECOND)
    end = rules.ends(message)
    return min(due, end) if end else due


def _outcome(message: OutboxMessage, status: OutboxStatus, now: int, note: str, due: int = 0) -> Outcome:
    return Outcome(message.number, message.owner, status, now, note, due)

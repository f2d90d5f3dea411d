"""The answer to "is this code in that value set?": yes, no, or cannot be checked because ... ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from fhir_server.model.phrase import phrase

Verdict = Literal["yes", "no", "unknown"]


class Answer(msgspec.Struct, frozen=True):
    """A verdict and, unless it is yes, the reason: a sentence a person can act on. unknown is never to be taken for yes or no."""

    verdict: Verdict
    reason: str = ""

    @property
    def is_yes(self) -> bool:
        return self.verdict == "yes"

    @property
    def is_no(self) -> bool:
        return self.verdict == "no"


YES = Answer("yes")


def no(reason: str) -> Answer:
    return Answer("no", reason)


def unknown(reason: str) -> Answer:
    return Answer("unknown", reason)


def missing(code: str, what: str) -> Answer:
    """unknown, since `what` ("value set http://...") is in no package in use."""
    return unknown(
        phrase("'{code}' cannot be checked: the {what} is in no package in use; add the package that has it.", code=code, what=what)
    )


def any_of(answers: Iterable[Answer], none: Answer) -> Answer:
    """yes as soon as one is yes; else unknown where one is unknown; else `none`."""
    found = none
    for answer in answers:
        if answer.is_yes:
            return answer
        found = answer if answer.verdict == "unknown" else found
    return found


def all_of(answers: Iterable[Answer]) -> Answer:
    """no as soon as one is no; else unknown where one is unknown; else yes."""
    found = YES
    for answer in answers:
        if answer.is_no:
            return answer
        found = answer if answer.verdict == "unknown" else found
    return found


def negated(answer: Answer, reason: str) -> Answer:
    """The answer to the opposite question; `reason` is given where that is no."""
    if answer.is_yes:
        return no(reason)
    return YES if answer.is_no else answer

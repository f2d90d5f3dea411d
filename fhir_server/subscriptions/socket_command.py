"""What a client says on a socket: text of one line.

- `bind-with-token TOKEN` begins what the token binds (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#websockets);
- `bind ID` is R4's own (https://hl7.org/fhir/R4/subscription.html#websocket).

Behind either may stand `ID=NUMBER`, any number of times: the newest event that the client has of a Subscription, to go on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fhir_server.model.issue import Category, fault

LONGEST = 8192
"""Bytes of a message."""

_SINCE = re.compile(r"([A-Za-z0-9\-.]{1,64})=([0-9]{1,18})")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Command:
    """`value` is a token or an id; `since` is by Subscription."""

    name: Literal["bind-with-token", "bind"]
    value: str
    since: dict[str, int] = field(default_factory=dict)


def command_of(text: str) -> Command:
    """MALFORMED where it is none."""
    name, *words = text.split()[:200] or [""]
    name = name.rstrip(":")
    if name == "bind-with-token" and words:
        return Command("bind-with-token", words[0], _since(words[1:]))
    if name == "bind" and words and _ID.fullmatch(words[0].removeprefix("Subscription/")):
        return Command("bind", words[0].removeprefix("Subscription/"), _since(words[1:]))
    raise fault(Category.MALFORMED, "value", "Write bind-with-token TOKEN, or bind ID; ID=NUMBER may follow.")


def _since(words: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in words:
        if (match := _SINCE.fullmatch(one)) is None:
            raise fault(Category.MALFORMED, "value", "Write ID=NUMBER: a Subscription, and its newest event that you have.")
        found[match[1]] = int(match[2])
    return found

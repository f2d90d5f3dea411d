"""Which messages of the outbox are about a person, beside those in the person's own lane, which the store knows by itself.

That is one that a resource of the person tells of (`about`, a Communication), and one that names the person: holds an identifier as a
whole word, or a reference to the Patient. What is in the lane of another person is about that one. Packed or encoded contents are not
looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fhir_server.store.erasure import Erasures

LANE = "Patient/"


async def sent_about(erasures: Erasures, patient: str, resources: Iterable[str], identifiers: Sequence[str], base: str | None) -> set[int]:
    """Their numbers. `resources` are the person's alone (`Communication/c`); `base` is where this server's absolute references begin."""
    found = {number async for number in erasures.sent_about(frozenset(resources))}
    texts = [*(one.encode() for one in identifiers), f"{LANE}{patient}".encode()]
    named = re.compile(b"|".join([*(whole(one) for one in identifiers), reference(patient, base)]))
    async for number, lane, body in erasures.sent_with(texts):
        if (not lane.startswith(LANE) or lane == f"{LANE}{patient}") and named.search(body):
            found.add(number)
    return found


def whole(identifier: str) -> bytes:
    """Matches an identifier that is no part of a longer one."""
    return rb"(?<![0-9A-Za-z])" + re.escape(identifier.encode()) + rb"(?![0-9A-Za-z])"


def reference(patient: str, base: str | None) -> bytes:
    """Matches a relative reference to the Patient, or one that begins with our base: the same id at another server is another person."""
    before = rb"(?:(?<=[\"'])" + (rb"|" + re.escape(f"{base}/".encode()) if base else b"") + rb")"
    return before + re.escape(f"{LANE}{patient}".encode()) + rb"(?![A-Za-z0-9\-.])"

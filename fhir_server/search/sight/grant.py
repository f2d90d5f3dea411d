"""A grant: who is let to what, as a row of the index."""

from __future__ import annotations

from typing import Literal, NamedTuple

BEGINNING, END = -(2**62), 2**62
"""Bounds of a period without start or end, as of date search."""

ANYBODY = "*"

BREAK_GLASS = "BTG"
"""v3-ActReason: access in an emergency, without the circle's or the person's leave."""

PRIVACY = "patient-privacy"
"""consentscope: what a Consent about sharing has."""

Kind = Literal["circle", "permit", "deny", "emergency", "referral", "refusal", "names", "role"]


class Grant(NamedTuple):
    """`actor` (`Type/id`, ANYBODY, or for `names` the resource that names) is let to `person` (an id), or to `target`.

    circle: stands in the care team of the person. permit, deny, emergency: what a Consent says; `target` narrows it to a type or one
    resource. referral: `target` is addressed to the actor; refusal: the actor refused it. names: `target` is named by the actor.
    role: the actor works in the role `target`.
    """

    kind: Kind
    actor: str
    person: str
    target: str
    since: int = BEGINNING
    until: int = END

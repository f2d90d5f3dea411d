"""A profile that can be used though its differential contradicts its base or itself: whoever validates against it is told, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.profile import Profile

MESSAGE = "profile-faulty"


def faults(profile: Profile, place: str) -> Iterator[Issue]:
    """A warning with the first of the profile's problems; `passerelle profile show` and validating the profile itself tell all."""
    if profile.problems:
        sentence = phrase(
            "The profile {url} contradicts itself or its base, so what it finds may not be what its author means. {first}",
            url=profile.url,
            first=profile.problems[0].diagnostics,
        )
        yield Issue("warning", "business-rule", sentence, place, message_id=MESSAGE, source=profile.url)


def told_once(issues: Iterable[Issue]) -> Iterator[Issue]:
    """The same issues, each profile's faults only where they are told first: many entries of a Bundle may claim one profile."""
    told: set[str | None] = set()
    for issue in issues:
        if issue.message_id != MESSAGE:
            yield issue
        elif issue.source not in told:
            told.add(issue.source)
            yield issue

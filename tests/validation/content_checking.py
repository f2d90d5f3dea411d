"""What the tests of content checks share: the checks over R4 core and a few definitions of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.content_checks import content_check

Resource = dict[str, Any]
Check = Callable[..., list[Issue]]


class WithOwn:
    """Definitions with resources of a test beside those of R4."""

    def __init__(self, base: Definitions, own: tuple[Resource, ...]):
        self._base, self._own = base, {one["url"]: one for one in own}

    def resolve(self, canonical: str) -> Resource | None:
        return self._own.get(canonical.partition("|")[0]) or self._base.resolve(canonical)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)


def checker(definitions: Definitions) -> Check:
    """`check(resource, *definitions)` gives the issues of the content checks."""

    def check(resource: Resource, *own: Resource) -> list[Issue]:
        known: Any = WithOwn(definitions, own)
        return content_check(known, Terminology(known)).check(resource)

    return check


def found(issues: list[Issue]) -> list[tuple[str, str | None, str | None]]:
    """(severity, message id, expression) of each issue."""
    return [(one.severity, one.message_id, one.expression) for one in issues]

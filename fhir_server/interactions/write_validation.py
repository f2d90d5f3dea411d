"""What the operator wants of writes beyond the structure check: validation off, told (warn) or required (refuse), by type and profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_format import Resource

Mode = Literal["off", "warn", "refuse"]
STRICTEST: tuple[Mode, ...] = ("refuse", "warn", "off")


class Validates(Protocol):
    """`fhir_server.validation.Validator`, as far as writes need it."""

    def validate(self, resource: Resource, profile: str | None = None) -> Sequence[Issue]: ...


class WriteValidation:
    """`rules` has modes by resource type and by the canonical URL of a profile; a profile that the resource claims (the strictest
    where there are several) comes before its type, and the type before `default`.
    """

    def __init__(self, validator: Validates, default: Mode = "off", rules: Mapping[str, Mode] | None = None):
        self._validator = validator
        self._default = default
        self._rules = dict(rules or {})

    @property
    def is_off(self) -> bool:
        """True where no write is ever validated."""
        return {self._default, *self._rules.values()} == {"off"}

    def mode(self, resource: Resource) -> Mode:
        """What is wanted for this resource."""
        claimed = {self._rules[url] for url in _claimed(resource) if url in self._rules}
        if claimed:
            return next(mode for mode in STRICTEST if mode in claimed)
        return self._rules.get(resource["resourceType"], self._default)

    def judge(self, resource: Resource) -> tuple[Issue, ...]:
        """What the writer is to be told; FhirError INVALID with all findings where an error is refused."""
        mode = self.mode(resource)
        if mode == "off":
            return ()
        found = tuple(self._validator.validate(resource))
        if mode == "refuse" and any(issue.is_error for issue in found):
            raise FhirError(Category.INVALID, found)
        return found


def _claimed(resource: Resource) -> Iterator[str]:
    """The profiles of meta.profile, with and without their version."""
    meta = resource.get("meta")
    claimed = meta.get("profile") if isinstance(meta, dict) else None
    for url in claimed if isinstance(claimed, list) else ():
        if isinstance(url, str):
            yield url
            yield url.partition("|")[0]

"""$validate: would this resource be accepted, and does it keep to a profile? (https://hl7.org/fhir/R4/resource-operation-validate.html)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fhir_server.model.issue import Category, Issue, fault
from fhir_server.model.phrase import phrase
from fhir_server.terminology import Terminology

Resource = dict[str, Any]
MODES = ("create", "update", "delete", "profile")


class ResourceValidator(Protocol):
    """`fhir_server.validation.Validator` as far as $validate needs it."""

    def validate(self, resource: Resource, profile: str | None = None) -> Sequence[Issue]:
        """All findings; against the base type and the resource's own profiles where `profile` is None."""

    @property
    def terminology(self) -> Terminology:
        """The code systems and value sets that it validates with."""


@dataclass(frozen=True, slots=True)
class ValidateRequest:
    """`resource` is None only for mode delete, which asks about the id alone; `below` says where in Parameters it stood."""

    resource: Resource | None
    profile: str | None = None
    mode: str | None = None
    below: str | None = None


def request_of_body(body: Resource, type_name: str, profile: str | None, mode: str | None) -> ValidateRequest:
    """The body as a request. Parameters are unpacked; those without `resource` sent to /Parameters/$validate are meant themselves."""
    if body.get("resourceType") != "Parameters":
        return ValidateRequest(body, profile, mode)
    named = {part["name"]: part for _, part in _parts(body)}
    said_profile = _value(named.get("profile", {}), ("valueUri", "valueCanonical", "valueUrl", "valueString")) or profile
    said_mode = _value(named.get("mode", {}), ("valueCode", "valueString")) or mode
    resource = named.get("resource", {}).get("resource")
    if resource is None and type_name == "Parameters":
        return ValidateRequest(body, profile, mode)
    if not isinstance(resource, dict) and said_mode != "delete":
        sentence = "The Parameters hold no parameter 'resource' with a resource to check."
        raise fault(Category.MALFORMED, "required", sentence, "Parameters.parameter")
    below = next((f"Parameters.parameter[{index}].resource" for index, part in _parts(body) if part is named.get("resource")), None)
    return ValidateRequest(resource, said_profile, said_mode, below)


def _parts(body: Resource) -> Iterator[tuple[int, dict[str, Any]]]:
    parts = body.get("parameter")
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict) and isinstance(part.get("name"), str):
            yield index, part


def _value(part: dict[str, Any], names: Sequence[str]) -> str | None:
    return next((part[name] for name in names if isinstance(part.get(name), str)), None)


def validated(validator: ResourceValidator, request: ValidateRequest, type_name: str, id_: str | None = None) -> list[Issue]:
    """All findings about a resource sent to /[type]/$validate, or /[type]/[id]/$validate; type "" stands for /$validate."""
    if request.mode is not None and request.mode not in MODES:
        raise fault(Category.MALFORMED, "value", f"mode={request.mode[:40]} is unknown; use one of {', '.join(MODES)}.")
    if request.mode == "profile" and request.profile is None:
        raise fault(Category.MALFORMED, "required", "mode=profile needs a profile to check against.")
    if request.resource is None:
        return list(_about_delete(type_name, id_))
    found = list(_about_address(request.resource, request.mode, type_name, id_))
    if any(issue.is_error for issue in found):
        return found
    return [*found, *validator.validate(request.resource, request.profile)]


def _about_address(resource: Resource, mode: str | None, type_name: str, id_: str | None) -> Iterator[Issue]:
    name = resource.get("resourceType")
    if type_name and name != type_name:
        sentence = phrase(
            "The URL says {wanted}, but the resource is a {found}. Send it to /{found}/$validate.", wanted=type_name, found=name
        )
        yield Issue("error" if mode or id_ else "warning", "invalid", sentence, message_id="validate-type")  # a write here would be refused
    if mode == "update" and id_ is not None and resource.get("id") != id_:
        sentence = phrase("An update under {id} needs a resource with this id.", id=id_)
        yield Issue("error", "value", sentence, f"{name}.id", message_id="validate-id")
    if mode == "update" and id_ is None and "id" not in resource:
        yield Issue("error", "required", phrase("An update needs a resource with an id."), f"{name}.id", message_id="validate-id")


def _about_delete(type_name: str, id_: str | None) -> Iterator[Issue]:
    if id_ is None:
        sentence = phrase("A deletion is of one resource: ask {type}/[id]/$validate.", type=type_name or "[type]")
        yield Issue("error", "required", sentence, message_id="validate-id")
    else:
        sentence = phrase("The deletion of {type}/{id} would be accepted.", type=type_name, id=id_)
        yield Issue("information", "informational", sentence, message_id="validate-delete")


def each_entry(validator: ResourceValidator, bundle: Resource, profile: str | None = None) -> list[list[Issue]]:
    """The findings about each entry's resource by itself; an entry without one has none."""
    entries = bundle.get("entry")
    resources = [entry.get("resource") if isinstance(entry, dict) else None for entry in (entries if isinstance(entries, list) else ())]
    return [list(validator.validate(one, profile)) if isinstance(one, dict) else [] for one in resources]

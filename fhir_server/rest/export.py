"""$export over HTTP, of the system, of all patients, of a group (https://hl7.org/fhir/uv/bulkdata/STU2/export.html)."""

from __future__ import annotations

from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec

from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.references import parse_reference
from fhir_server.model.temporal import parse_temporal
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.export import ExportRequest
from fhir_server.operations.export_scope import PatientScope
from fhir_server.operations.group_members import patients_of_group
from fhir_server.rest.deferred import begin, kept
from fhir_server.rest.job_works import KeptExport
from fhir_server.rest.operation import sent_arguments
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.store.store import MOST

SYSTEM_EXPORT, PATIENT_EXPORT, GROUP_EXPORT = (
    f"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{name}" for name in ("export", "patient-export", "group-export")
)
KNOWN = ("_outputFormat", "_since", "_until", "_type", "_typeFilter", "patient")
FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
_SHAPING = ("_include", "_revinclude", "_sort", "_count", "_summary", "_elements", "_total", "_page", "_format", "_contained")
UTC = ZoneInfo("UTC")


async def export(request: FhirRequest) -> Response:
    """202 with Content-Location, whether Prefer: respond-async was sent or not: an export is never answered at once."""
    if request.type == "Group" and not request.id:
        raise fault(Category.MALFORMED, "required", "Which group? Ask for Group/[id]/$export.")
    arguments = await sent_arguments(request)
    told = _unknown(request, arguments)
    _check_format(arguments)
    patients = await _patients(request, arguments)
    types, left_out = _types(request, arguments, patients is not None)
    filters = await _filters(request, arguments, types)
    since, until = _moment(arguments, "_since", 0), _moment(arguments, "_until", MOST)
    asked = ExportRequest(types, patients, since, until, filters, request.service.settings.base_url)
    outcomes = tuple(operation_outcome([issue]) for issue in [*told, *left_out])
    return await begin(request, "export", msgspec.json.encode(KeptExport(kept(request).url, asked, outcomes, request.caller)))


def _unknown(request: FhirRequest, arguments: Arguments) -> list[Issue]:
    """Parameters that are not supported: refused, or, where the client is lenient, told in the manifest's errors."""
    shapes = [name for name, _ in request.query if name in ("_elements", "_summary")]
    names = [*shapes, *(name for name in arguments.values if name not in KNOWN or (name == "patient" and not request.type))]
    known = ", ".join(KNOWN)
    issues = [Issue("warning", "not-supported", f"This export has no parameter {name[:60]}; it knows {known}.") for name in names]
    return _refused_unless_lenient(request, issues)


def _refused_unless_lenient(request: FhirRequest, issues: list[Issue]) -> list[Issue]:
    if issues and request.preferences.handling != "lenient":
        raise FhirError(Category.MALFORMED, [_as_error(issue) for issue in issues])
    return issues


def _as_error(issue: Issue) -> Issue:
    """The same as an error, with the way out."""
    return Issue("error", issue.code, f"{issue.diagnostics} Leave it out, or send Prefer: handling=lenient to have it ignored.")


def _check_format(arguments: Arguments) -> None:
    asked = arguments.text("_outputFormat")
    if asked and asked.partition(";")[0].strip().replace(" ", "+") not in FORMATS:
        raise fault(Category.MALFORMED, "not-supported", f"_outputFormat={asked[:60]} is not written here; use {', '.join(FORMATS)}.")


def _moment(arguments: Arguments, name: str, default: int) -> int:
    text = arguments.text(name)
    try:
        return parse_temporal(text.replace(" ", "+")).interval(UTC)[0] if text else default  # a '+' that was not percent-encoded
    except ValueError as error:
        raise fault(Category.MALFORMED, "value", f"{name} is not an instant such as 2026-01-31T08:00:00+01:00: {error}") from None


async def _patients(request: FhirRequest, arguments: Arguments) -> tuple[str, ...] | None:
    """The patients that are asked for: None for the system, empty for all. NOT_FOUND for a group that is not there or has none."""
    asked = _named(request, arguments) if request.type else frozenset[str]()
    if request.type != "Group":
        return tuple(sorted(asked)) if request.type else None
    members = await patients_of_group(request.interactions, request.require_id(), request.service.settings.base_url)
    if strange := sorted(asked - members):
        raise fault(Category.INVALID, "value", f"Not in the group: Patient/{', Patient/'.join(strange[:10])}.")
    if not members:
        raise fault(Category.NOT_FOUND, "not-found", f"Group/{request.id} has no patients; there is nothing to export.")
    return tuple(sorted(asked or members))


def _named(request: FhirRequest, arguments: Arguments) -> frozenset[str]:
    """The ids of the parameter `patient`: references, of Parameters or of the address."""
    ids = set()
    for value in arguments.values.get("patient", ()):
        texts = [value["reference"]] if isinstance(value, dict) and isinstance(value.get("reference"), str) else str(value).split(",")
        for text in texts:
            reference = parse_reference(text.strip())
            if reference.type != "Patient" or not reference.id or reference.base not in (None, request.base):
                raise fault(Category.MALFORMED, "value", f"patient is a reference to a patient here, as Patient/123, not {text[:80]!r}.")
            ids.add(reference.id)
    return frozenset(ids)


def _types(request: FhirRequest, arguments: Arguments, of_patients: bool) -> tuple[tuple[str, ...], list[Issue]]:
    """The types that are asked for, and what is said of those that cannot be had."""
    known = request.service.schema.resource_types
    possible = PatientScope(request.service.definitions, None).types if of_patients else known
    asked = dict.fromkeys(name for value in arguments.texts("_type") for name in value.split(",") if name)
    if strange := [name for name in asked if name not in known]:
        raise fault(Category.MALFORMED, "value", f"_type names what is no resource type of R4: {', '.join(strange)[:200]}.")
    outside = [Issue("warning", "not-supported", f"{name} does not belong to patients.") for name in asked if name not in possible]
    return tuple(sorted(name for name in (asked or possible) if name in possible)), _refused_unless_lenient(request, outside)


async def _filters(request: FhirRequest, arguments: Arguments, types: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The searches of `_typeFilter` by type. Each is tried before it is accepted."""
    found: dict[str, tuple[str, ...]] = {}
    for text in (part for value in arguments.texts("_typeFilter") for part in _split(value, types)):
        type_name, _, query = text.partition("?")
        if type_name not in types or not query:
            sentence = f"_typeFilter={text[:100]} is not a search of a type that is exported, such as Observation?category=laboratory."
            raise fault(Category.MALFORMED, "value", sentence)
        await _try(request, type_name, query)
        found[type_name] = (*found.get(type_name, ()), query)
    return found


def _split(value: str, types: tuple[str, ...]) -> list[str]:
    """Filters are parted by commas, but so are the values in them: a new one begins with a type."""
    parts: list[str] = []
    for piece in value.split(","):
        if parts and piece.partition("?")[0] not in types:
            parts[-1] += f",{piece}"
        else:
            parts.append(piece)
    return parts


async def _try(request: FhirRequest, type_name: str, query: str) -> None:
    pairs = parse_qsl(query, keep_blank_values=True)
    if shaping := [name for name, _ in pairs if name.partition(":")[0] in _SHAPING]:
        raise fault(Category.MALFORMED, "not-supported", f"_typeFilter chooses resources; {shaping[0]} shapes an answer. Leave it out.")
    result = await request.interactions.search(type_name, [*pairs, ("_count", "0")])
    if result.issues:
        raise FhirError(Category.MALFORMED, [Issue("error", issue.code, f"_typeFilter: {issue.diagnostics}") for issue in result.issues])

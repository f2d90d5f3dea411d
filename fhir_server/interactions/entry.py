"""The entries of a batch or transaction: what each asks, and how its answer reads (https://hl7.org/fhir/R4/bundle.html)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.status import STATUS, status_line
from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.model.phrase import translated
from fhir_server.store.stored import Stored

Returns = Literal["minimal", "representation", "OperationOutcome"] | None
"""What Prefer: return asks for; None where it says nothing."""

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
"""In the order in which a transaction processes them (https://hl7.org/fhir/R4/http.html#trules)."""


@dataclass(slots=True)
class Entry:
    """One entry. `type`, `id` and `search` are the parts of request.url: `Patient`, `Patient/1`, `Patient?identifier=...`."""

    place: str  # Bundle.entry[3]
    method: str
    url: str
    type: str
    id: str | None
    search: str | None
    resource: Resource | None
    full_url: str | None
    if_match: str | None = None
    if_none_exist: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None

    @property
    def writes(self) -> bool:
        """True where the entry creates, changes or deletes; operations and searches by POST count as reads."""
        return self.method in ("POST", "PUT", "PATCH", "DELETE") and not self.is_operation

    @property
    def is_operation(self) -> bool:
        """True for what HTTP alone offers: operations, `_history`, `_search`, metadata, and what is asked of the whole system."""
        last = (f"{self.type}/{self.id}" if self.id else self.type).rpartition("/")[2]
        return last[:1] in ("$", "_") or self.type[:1] in ("", "$", "_") or (self.type == "metadata")


def read_entries(bundle: Resource) -> list[Entry]:
    """All entries; FhirError naming the first that cannot be understood."""
    entries = bundle.get("entry") or []
    if not isinstance(entries, list):
        raise fault(Category.MALFORMED, "structure", "Bundle.entry is an array, even of one entry.", "Bundle.entry")
    return [_entry(position, entry) for position, entry in enumerate(entries)]


def _entry(position: int, entry: dict[str, Any]) -> Entry:
    place = f"Bundle.entry[{position}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise fault(Category.MALFORMED, "required", "The entry needs a request, with method and url.", f"{place}.request")
    method, url = request.get("method"), request.get("url")
    if method not in METHODS or not isinstance(url, str):
        sentence = f"The entry needs request.method (one of {', '.join(METHODS)}) and request.url."
        raise fault(Category.MALFORMED, "required", sentence, f"{place}.request")
    _check_texts(f"{place}.fullUrl", fullUrl=entry.get("fullUrl"))
    _check_texts(f"{place}.request", **{name: request.get(name) for name in _HEADERS})
    path, question, search = url.partition("?")
    type_name, _, rest = path.strip("/").partition("/")
    made = Entry(
        place, method, url, type_name, unquote(rest) or None, search if question else None, entry.get("resource"),
        entry.get("fullUrl"), *(request.get(name) for name in _HEADERS),
    )  # fmt: skip
    if made.writes and method != "DELETE" and not isinstance(made.resource, dict):
        raise fault(Category.MALFORMED, "required", f"A {method} needs a resource in the entry.", f"{place}.resource")
    return made


_HEADERS = ("ifMatch", "ifNoneExist", "ifNoneMatch", "ifModifiedSince")


def _check_texts(place: str, **values: object) -> None:
    for name, value in values.items():
        if not isinstance(value, str | None):
            raise fault(Category.MALFORMED, "value", f"{name} must be a text.", place)


def in_entry(error: FhirError, entry: Entry) -> FhirError:
    """The same error, its issues pointing into the entry."""
    if entry.type in ("http:", "https:"):
        sentence = f"{entry.place}: The url is written relative to the base, as in Patient/123, not {entry.url[:200]}."
        return fault(error.category, "value", sentence, f"{entry.place}.request.url")
    return FhirError(error.category, [_placed(issue, entry.place) for issue in error.issues])


def _placed(issue: Issue, place: str) -> Issue:
    if issue.expression and issue.expression.startswith("Bundle.entry["):
        return issue
    path = (issue.expression or "").partition(".")[2]
    expression = f"{place}.resource.{path}" if path else place
    return Issue(issue.severity, issue.code, f"{place}: " + issue.diagnostics, expression, None, None, issue.message_id, issue.source)


def written(outcome: Outcome, returns: Returns = None) -> dict[str, Any]:
    """The response entry of a write; what validation told comes as its outcome."""
    stored = outcome.stored
    response: dict[str, Any] = {"status": _STATUS[outcome.status]}
    if stored is None:
        return {"response": response}
    if not stored.deleted:
        response["location"] = f"{stored.type}/{stored.id}/_history/{stored.version}"
    response |= {"etag": f'W/"{stored.version}"', "lastModified": stored.last_updated}
    if outcome.issues or returns == "OperationOutcome":
        response["outcome"] = operation_outcome(outcome.issues)
    shown = {"resource": decode_json(stored.content)} if returns == "representation" and stored.content else {}
    return shown | {"response": response}


_STATUS = {
    "created": "201 Created", "updated": "200 OK", "unchanged": "200 OK", "matched": "200 OK",
    "deleted": "204 No Content", "absent": "204 No Content",
}  # fmt: skip


def together(outcomes: list[Outcome], returns: Returns) -> dict[str, Any]:
    """The response entry of a write that may have had several resources, as a conditional delete may."""
    if len(outcomes) == 1:
        return written(outcomes[0], returns)
    told = Issue("information", "deleted", f"{len(outcomes)} resources were deleted.")
    return {"response": {"status": _STATUS["deleted"], "outcome": operation_outcome([told])}}


def unmodified(stored: Stored) -> dict[str, Any]:
    """The response entry of a read whose asker has this version already."""
    return {"response": {"status": "304 Not Modified", "etag": f'W/"{stored.version}"', "lastModified": stored.last_updated}}


def shown(resource: Resource, stored: Stored | None = None) -> dict[str, Any]:
    """The response entry of a read or search."""
    versioned = {"etag": f'W/"{stored.version}"', "lastModified": stored.last_updated} if stored else {}
    return {"resource": resource, "response": {"status": "200 OK"} | versioned}


def refused(error: FhirError, language: str) -> dict[str, Any]:
    """The response entry of a failure in a batch."""
    outcome = operation_outcome(translated(error.issues, language))
    return {"response": {"status": status_line(STATUS[error.category]), "outcome": outcome}}

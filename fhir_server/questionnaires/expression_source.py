"""Where a query in an expression gets its answer (https://hl7.org/fhir/uv/sdc/STU4/expressions.html#x-fhir-query-enhancements).

The engine does no I/O: who calls it gives a `Source`, which sees what the caller of the server may see and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import quote

from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.model.json_format import Resource

_READ = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_SEARCH = re.compile(r"([A-Z][A-Za-z]+)(?:\?(.*))?", re.DOTALL)
MAX_QUERY = 4000


class Source(Protocol):
    """Both may be called from a worker thread, and raise FhirError where the store refuses."""

    def read(self, type_name: str, id_: str) -> Resource | None:
        """A resource; None where there is none, or none that may be seen."""

    def search(self, type_name: str, query: str) -> Resource:
        """The searchset that a query string (percent-encoded) finds."""


def filled_in(query: str, evaluate: Callable[[str], list[Node]]) -> str | None:
    """The query with each `{{FHIRPath}}` replaced by what it gives, several values joined by commas; None where one gives nothing,
    since a query without its condition would ask for something else."""
    said: list[str] = []
    for literal, source in _parts(query):
        value = "" if source is None else _text(evaluate(source.strip()))
        if value is None:
            return None
        said += (literal, value)
    return "".join(said)


def _parts(query: str) -> Iterator[tuple[str, str | None]]:
    """The text before each `{{FHIRPath}}`, and the FHIRPath; at last the text behind. Braces that nothing closes are text. In one pass: a
    regular expression would look for the end of each of a thousand openings anew."""
    place = 0
    while (opening := query.find("{{", place)) >= 0 and (closing := query.find("}}", opening + 2)) >= 0:
        yield query[place:opening], query[opening + 2 : closing]
        place = closing + 2
    yield query[place:], None


def _text(nodes: list[Node]) -> str | None:
    said = [str(node.value).lower() if isinstance(node.value, bool) else str(node.value) for node in nodes if node.value is not None]
    if any(isinstance(node.value, dict | list) for node in nodes):
        raise FhirPathError("A query takes single values between {{ and }}, not whole elements; choose one, such as .id.")
    return ",".join(quote(one, safe="/:.-") for one in said) or None


def asked(query: str, source: Source | None) -> Resource | None:
    """The resource that `Type/id` names, or the searchset of `Type?...`; FhirPathError where the query is neither."""
    if len(query) > MAX_QUERY:
        raise FhirPathError(f"The query has {len(query)} characters; at most {MAX_QUERY} are asked.")
    if source is None:
        raise FhirPathError("There is nothing here that a query could be asked of.")
    if found := _READ.fullmatch(query):
        return source.read(found[1], found[2])
    if found := _SEARCH.fullmatch(query):
        return source.search(found[1], found[2] or "")
    raise FhirPathError("A query is relative to this server: Type?name=value, or Type/id.")

"""The functions that a map of HL7 v2 may pipe a value through (docs/mapping.md)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from adapters.hl7v2.sender import PARIS
from adapters.hl7v2.timestamp import Timestamp, timestamp
from adapters.mapping.run import Function, Run
from fhir_server.model.phrase import phrase

LOCAL_SYSTEM = "https://passerelle.care/fhir/sid"
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


def _timestamp(run: Run, value: Any, path: str) -> Timestamp:
    zone = run.settings.zone if run.settings else PARIS
    found = timestamp(value, zone)
    if found.note:
        run.note(f"{path}: {found.note}")
    return found


def _date(run: Run, value: Any, path: str) -> str:
    return _timestamp(run, value, path).date


def _date_time(run: Run, value: Any, path: str) -> str:
    return _timestamp(run, value, path).value


def _full_date(run: Run, value: Any, path: str) -> str | None:
    found = _timestamp(run, value, path).date
    return found if len(found) == 10 else None


def _instant(run: Run, value: Any, path: str) -> str | None:
    found = _timestamp(run, value, path).value
    return found if "T" in found else None


def _integer(_run: Run, value: Any, _path: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", value.strip()):
        raise ValueError(phrase("is not a whole number"))
    return int(value)


FUNCTIONS: dict[str, Function] = {
    "date": _date, "dateTime": _date_time, "fullDate": _full_date, "instant": _instant, "integer": _integer,
}  # fmt: skip


def naming_system(kind: str) -> Function:
    """The system of a number by its assigning authority (HD): its OID, else a URI of ours that tells authorities and kinds apart."""

    def system(_run: Run, value: Any, _path: str) -> str | None:
        namespace, universal_id, type_ = [*value, "", "", ""][:3]
        if type_ == "ISO" and _OID.fullmatch(universal_id):
            return f"urn:oid:{universal_id}"
        authority = universal_id or namespace
        return f"{LOCAL_SYSTEM}/{kind}/{quote(authority, safe='')}" if authority else None

    return system

"""ETags and dates that a client holds: does it know this version already? (https://hl7.org/fhir/R4/http.html#cread).

Headers of HTTP and `Bundle.entry.request` say the same in two ways.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from fhir_server.model.temporal import parse_temporal
from fhir_server.store.stored import Stored

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def names_version(tags: str, stored: Stored) -> bool:
    """True where an If-None-Match value names the version: `*`, or a list with its ETag."""
    return tags.strip() == "*" or str(stored.version) in _TAG.findall(tags)


def entry_is_unmodified(stored: Stored, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """As for a conditional read; ifModifiedSince is an instant here. An unreadable one makes the request unconditional."""
    if if_none_match is not None:
        return names_version(if_none_match, stored)
    if if_modified_since is None:
        return False
    try:
        return stored.updated <= parse_temporal(if_modified_since).interval(ZoneInfo("UTC"))[1]
    except ValueError:
        return False

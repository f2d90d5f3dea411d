"""SMART scopes as text, read, written and narrowed (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, urlencode

from fhir_server.security.scope import Context, Permission, Scope

MOST_CHARACTERS = 4096
_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|c?r?u?d?s?)(?:\?([^?\s]+))?")
_FIRST_VERSION: dict[str, str] = {"read": "rs", "write": "cud", "*": "cruds"}
PASSED_OVER = frozenset(("openid", "profile", "email", "fhirUser", "launch", "launch/patient", "offline_access", "online_access"))
"""Scopes that speak of the person or of the launch and not of access to resources."""


@dataclass(frozen=True, slots=True)
class ReadScopes:
    """`scopes` in their order, once each; `unknown` are the words that nobody understands and that give nothing."""

    scopes: tuple[Scope, ...]
    unknown: tuple[str, ...] = ()


def read_scopes(text: str) -> ReadScopes:
    """The scopes of a space-separated list; what is beyond MOST_CHARACTERS is unknown as a whole."""
    if len(text) > MOST_CHARACTERS:
        return ReadScopes((), (f"a list of {len(text)} characters, where {MOST_CHARACTERS} are read",))
    words = [word for word in dict.fromkeys(text.split()) if word not in PASSED_OVER]
    read = [(word, read_scope(word)) for word in words]
    return ReadScopes(tuple(dict.fromkeys(scope for _, scope in read if scope)), tuple(word for word, scope in read if not scope))


def read_scope(word: str) -> Scope | None:
    """One scope: of version 2 with its letters in the order c, r, u, d, s, or of version 1; None for anything else."""
    found = _SCOPE.fullmatch(word)
    if found is None or not found[3]:
        return None
    context, type_name, letters, query = found.groups()
    filters = _filters(query) if query else ()
    if filters is None or (query and letters in _FIRST_VERSION):
        return None
    permissions = frozenset(cast("Permission", letter) for letter in _FIRST_VERSION.get(letters, letters))
    return Scope(cast("Context", context), type_name, permissions, filters)


def _filters(query: str) -> tuple[tuple[str, str], ...] | None:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    return tuple(pairs) if all(name and value for name, value in pairs) else None


def write_scope(scope: Scope) -> str:
    """The scope as version 2 writes it."""
    letters = "".join(letter for letter in "cruds" if letter in scope.permissions)
    query = "?" + urlencode(scope.filters, safe="|/:,") if scope.filters else ""
    return f"{scope.context}/{scope.type}.{letters}{query}"


def write_scopes(scopes: Iterable[Scope]) -> str:
    """A space-separated list."""
    return " ".join(write_scope(scope) for scope in scopes)


def narrowed(asked: Iterable[Scope], registered: Iterable[Scope]) -> tuple[Scope, ...]:
    """What of the asked scopes the registered ones allow: never more than either, and nothing twice."""
    allowed = list(registered)
    common = dict.fromkeys(both for one in asked for other in allowed if (both := _common(one, other)))
    return tuple(scope for scope in common if not any(_within(scope, wider) for wider in common if wider != scope))


def _common(asked: Scope, registered: Scope) -> Scope | None:
    """What both allow; filters of both must hold."""
    permissions = asked.permissions & registered.permissions
    same_type = asked.type == registered.type or "*" in (asked.type, registered.type)
    if asked.context != registered.context or not permissions or not same_type:
        return None
    type_name = registered.type if asked.type == "*" else asked.type
    return Scope(asked.context, type_name, permissions, tuple(dict.fromkeys(registered.filters + asked.filters)))


def _within(scope: Scope, wider: Scope) -> bool:
    same = scope.context == wider.context and wider.type in ("*", scope.type)
    return same and scope.permissions <= wider.permissions and set(wider.filters) <= set(scope.filters)

"""What a caller's scopes permit (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources).

Who calls for one patient is held to the scopes `patient/`, all others to `user/` and `system/`: no token is wider than its narrower half.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.security.caller import Caller
from fhir_server.security.scope import Permission, Scope

_VERB: dict[str, str] = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}


def scopes_for(caller: Caller, type_name: str, permission: Permission) -> Iterator[Scope]:
    """The scopes that let the caller do this with the type. One with a query lets nothing be created or updated: what will be written
    cannot be searched yet."""
    contexts = ("patient",) if caller.patient else ("user", "system")
    for scope in caller.scopes:
        if scope.context in contexts and scope.covers(type_name, permission) and not (scope.filters and permission in "cu"):
            yield scope


def permits(caller: Caller, type_name: str, permission: Permission) -> bool:
    """True where a scope lets the caller do this with some resources of the type."""
    return any(scopes_for(caller, type_name, permission))


def insufficient(caller: Caller, type_name: str, permission: Permission) -> FhirError:
    """FORBIDDEN, whatever there is."""
    granted = {scope.context for scope in caller.scopes}
    context = "patient" if caller.patient else "system" if granted == {"system"} else "user"
    mend = f"ask for one such as {context}/{type_name}.{permission}"
    sentence = f"The scopes of your token do not let you {_VERB[permission]} {type_name}; {mend}."
    return fault(Category.FORBIDDEN, "forbidden", sentence)

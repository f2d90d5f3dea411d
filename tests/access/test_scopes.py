"""Scopes: each interaction takes the letter that SMART gives it (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html)."""

from __future__ import annotations

from dataclasses import replace

from fhir_server.security.caller import Caller
from fhir_server.security.scope import Permission, Scope
from tests.access.conftest import Server
from tests.access.people import GP, care_team, observation, patient


def holding(*letters: Permission) -> Caller:
    return replace(GP, scopes=(Scope("user", "*", frozenset(letters)),))


def test_the_history_of_a_type_is_found_by_who_may_search(server: Server) -> None:
    server.store(patient("p"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    assert server.get(holding("r"), "/Observation/o/_history").status_code == 200
    assert server.get(holding("r"), "/Observation/_history").status_code == 403
    assert server.found(holding("r"), "/_history") == set()
    assert server.found(holding("s"), "/Observation/_history") == {"Observation/o"}
    assert server.get(holding("s"), "/Observation/o/_history").status_code == 403

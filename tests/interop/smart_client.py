"""fhirclient, SMART's Python client, as backend software: python smart_client.py BASE CLIENT_ID KEY_FILE; prints the verdict.

Its metadata tells it the token endpoint; it takes an assertion that is signed already, and asks for the token by itself.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fhirclient.client import FHIRClient
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRUnauthorizedException
from joserfc import jwk, jwt

base, client_id, key_file = sys.argv[1:]
key = jwk.import_key(json.loads(Path(key_file).read_text()))


def assertion(**changed: object) -> str:
    claims = {
        "iss": client_id, "sub": client_id, "aud": base.removesuffix("/fhir") + "/auth/token", "exp": int(time.time()) + 240,
        "jti": str(uuid.uuid4()), **changed,
    }  # fmt: skip
    return jwt.encode({"alg": "ES384", "kid": key.kid}, claims, key, algorithms=["ES384"])


def software(token: str) -> FHIRClient:
    client = FHIRClient({"app_id": client_id, "api_base": base, "jwt_token": token, "scope": "system/Patient.cruds"})
    client.wants_patient = False
    assert not client.prepare(), "the server asks for no token"
    return client


def refusal(call: Callable[[], object]) -> Any:
    """The answer with status 401 that the call must get."""
    try:
        call()
    except FHIRUnauthorizedException as error:
        return error.response
    raise AssertionError("was not refused")


def backend_services() -> None:
    client = software(assertion())
    client.authorize()
    assert client.ready
    made = Patient({"name": [{"family": "Payet"}]}).create(client.server)
    assert Patient.read(made["id"], client.server).name[0].family == "Payet"
    assert [one.id for one in Patient.where({"family": "payet"}).perform_resources(client.server)] == [made["id"]]


def used_assertion() -> None:
    once = assertion()
    software(once).authorize()
    assert refusal(software(once).authorize).json()["error"] == "invalid_client"


def no_token() -> None:
    client = FHIRClient({"app_id": client_id, "api_base": base})
    assert refusal(lambda: Patient.read("1", client.server)).headers["www-authenticate"].startswith("Bearer")


STEPS = (
    backend_services,
    used_assertion,
    no_token,
)
told = {}
for step in STEPS:
    try:
        step()
        told[step.__name__] = "ok"
    except Exception:
        told[step.__name__] = traceback.format_exc()
print(json.dumps(told))

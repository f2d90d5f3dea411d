"""What `/.well-known/smart-configuration` says (https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html)."""

from __future__ import annotations

from typing import Any

from fhir_server.security.protection import Protection
from fhir_server.security.scopes import write_scope

SMART_ON_FHIR = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
CAPABILITIES = ("client-confidential-asymmetric", "permission-v1", "permission-v2")


def smart_configuration(root: str, protection: Protection) -> dict[str, Any]:
    """The document of a server at `root` (https://fhir.example.org). Persons' scopes are named where an issuer outside may give them."""
    outside = sorted({write_scope(scope) for issuer in protection.issuers.values() for scope in issuer.scopes})
    return {
        "issuer": root,
        "jwks_uri": f"{root}/auth/jwks",
        "token_endpoint": f"{root}/auth/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(protection.algorithms),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/*.rs", *outside],
        "code_challenge_methods_supported": ["S256"],  # required of every server, though no code is issued here
        "capabilities": list(CAPABILITIES),
    }


def security_element(root: str | None) -> dict[str, Any]:
    """`CapabilityStatement.rest.security`; of a server that authenticates nobody (None) just that."""
    if root is None:
        return {"description": "Callers are not authenticated; the server answers on its own machine only."}
    return {
        "extension": [{"url": OAUTH_URIS, "extension": [{"url": "token", "valueUri": f"{root}/auth/token"}]}],
        "service": [{"coding": [{"system": SMART_ON_FHIR, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR"}]}],
        "description": "SMART Backend Services; see /.well-known/smart-configuration below the base.",
    }

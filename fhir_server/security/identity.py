"""Who a token of an outside issuer speaks of: a professional, a person, or software; by the claims that the operator trusts it with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.security.caller import Actor, Caller
from fhir_server.security.claims import check_audience, check_issuer, check_times, text
from fhir_server.security.issuer import Issuer
from fhir_server.security.jwk_set import JwkSet, UnusableKeys
from fhir_server.security.refusal import Refusal
from fhir_server.security.scope import Scope
from fhir_server.security.scopes import narrowed, read_scopes
from fhir_server.security.signed_token import Header, read_header, verified

Identifier = tuple[str, str]
"""System and value."""

_TYPES = ("", "jwt", "at+jwt")
_LISTED = re.compile(r"(\w+)\[(\w+)\]")
_ACTOR = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson|Person|Organization)/([A-Za-z0-9\-.]{1,64})")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Identity:
    """`identifiers` are to be looked up in the record, for actors beside those of `caller`; good until `expires` (seconds since 1970)."""

    caller: Caller
    identifiers: tuple[Identifier, ...]
    expires: float


def issued_header(token: str, issuer: Issuer) -> Header:
    """The header of an access token of this issuer; where its keys are to be found is not for a token to say."""
    header = read_header(token, issuer.algorithms, _TYPES, "invalid_token")
    if header.jku and header.jku != issuer.jwks_url:
        raise Refusal("invalid_token", "The token's jku is not the JWKS URL that is known of its issuer.")
    return header


def identity_of_token(token: str, header: Header, keys: JwkSet, issuer: Issuer, base: str, now: float) -> Identity:
    """Who brings the token, if the issuer signed it for this server and it is of now; Refusal otherwise."""
    try:
        key = keys.find(header.kid, header.algorithm)
    except UnusableKeys as error:
        raise Refusal("invalid_token", str(error)) from None
    if key is None:
        raise Refusal("invalid_token", f"{issuer.name} publishes no key {header.kid[:64]} for {header.algorithm}; ask for another token.")
    claims = verified(token, header, key, "invalid_token")
    check_issuer(claims, issuer.issuer, "invalid_token")
    check_audience(claims, issuer.audience or (base,), "invalid_token")
    if claims.get("typ", "Bearer") != "Bearer" or "at_hash" in claims:
        raise Refusal("invalid_token", "This is an ID token; send the access token.")
    return identity_of_claims(claims, issuer, base, check_times(claims, now, "invalid_token"))


def identity_of_claims(claims: Mapping[str, Any], issuer: Issuer, base: str, expires: float) -> Identity:
    """Who the claims speak of, once they are known to be the issuer's and of now."""
    software = text(claims, "azp") or text(claims, "client_id")
    if issuer.clients and software not in issuer.clients:
        raise Refusal("invalid_token", f"{issuer.name} gave the token to software not registered here; name its azp to the operator.")
    if issuer.acr and text(claims, "acr") not in issuer.acr:
        raise Refusal("invalid_token", f"The person was not authenticated strongly enough; acr must be {' or '.join(issuer.acr)}.")
    subject = text(claims, "sub") or software
    if not subject:
        raise Refusal("invalid_token", "The token names neither a person (sub) nor software (client_id).")
    patient = _patient(claims, issuer)
    caller = Caller(
        f"{issuer.name}|{subject}", software or issuer.name, _scopes(claims, issuer, patient), _name(claims),
        frozenset(_actors(claims, issuer, base)), patient, issuer.tenant,
    )  # fmt: skip
    return Identity(caller, tuple(dict.fromkeys(_identifiers(claims, issuer.identifiers))), expires)


def _scopes(claims: Mapping[str, Any], issuer: Issuer, patient: str | None) -> tuple[Scope, ...]:
    """Those of the token within those of the issuer; scopes of a patient only where the token says of which."""
    given = narrowed(read_scopes(text(claims, "scope")).scopes, issuer.scopes) if issuer.smart_scopes else issuer.scopes
    return tuple(scope for scope in given if scope.context != "patient" or patient)


def _patient(claims: Mapping[str, Any], issuer: Issuer) -> str | None:
    value = text(claims, "patient").removeprefix("Patient/")
    return value if issuer.smart_scopes and _ID.fullmatch(value) else None


def _actors(claims: Mapping[str, Any], issuer: Issuer, base: str) -> Iterator[Actor]:
    """Of `fhirUser`, where it is of this server: someone of another one is nobody here."""
    found = _ACTOR.fullmatch(text(claims, "fhirUser").removeprefix(base + "/")) if issuer.smart_scopes else None
    if found:
        yield found[1], found[2]


def _identifiers(claims: Mapping[str, Any], systems: Mapping[str, str]) -> Iterator[Identifier]:
    """`claim = system`, or `list[KIND] = system` for the entries of a list whose `origine` is KIND, as Pro Santé Connect writes them."""
    for name, system in systems.items():
        if (listed := _LISTED.fullmatch(name)) is None:
            yield from ((system, value) for value in [text(claims, name)] if _is_value(value))
            continue
        entries = claims.get(listed[1])
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("origine") == listed[2] and _is_value(text(entry, "identifiant")):
                yield system, text(entry, "identifiant")


def _is_value(value: str) -> bool:
    """Plain enough to be searched for as a token."""
    return 0 < len(value) <= 100 and value.isprintable() and not set(value) & set("|,\\$")


def _name(claims: Mapping[str, Any]) -> str:
    parts: Collection[str] = (text(claims, "given_name"), text(claims, "family_name"))
    return (text(claims, "name") or " ".join(filter(None, parts)))[:200]

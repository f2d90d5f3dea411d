"""A patch of any of the three kinds, read from a request body or from an entry of a Bundle (https://hl7.org/fhir/R4/http.html#patch)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.patch.fhirpath_patch import FhirPathPatch
from fhir_server.patch.json_patch import JsonPatch
from fhir_server.patch.refusal import malformed
from fhir_server.patch.xml_patch import XmlPatch

JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"
ACCEPTED = ("application/fhir+json", "application/fhir+xml", JSON_PATCH, XML_PATCH)
"""The media types of patches; the first two are Parameters (FHIRPath Patch)."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch that has been read; `apply` may be called for several versions of a resource."""

    _apply: Callable[[Resource, Schema], Any]

    def apply(self, resource: Resource, schema: Schema) -> Resource:
        """The patched resource (the given one is changed); FhirError INVALID where the patch does not apply, or changes who it is."""
        identity = (resource.get("resourceType"), resource.get("id"))
        try:
            patched = self._apply(resource, schema)
        except FhirError as error:
            raise FhirError(Category.INVALID, error.issues) from None
        if not isinstance(patched, dict) or (patched.get("resourceType"), patched.get("id")) != identity:
            sentence = "The patch changes the type or the id of the resource, or leaves no resource; it may do neither."
            raise fault(Category.INVALID, "processing", sentence)
        return patched


def patch_of_body(media_type: str, source: bytes) -> Patch | None:
    """The JSON Patch or XML Patch of a body; None for any other media type. FhirError MALFORMED where it cannot be read."""
    if media_type == JSON_PATCH:
        patch = JsonPatch.read(source)
        return Patch(lambda resource, _: patch.apply(resource))
    return Patch(XmlPatch.read(source).apply) if media_type == XML_PATCH else None


def patch_of_entry(resource: Resource) -> Patch:
    """The patch that a Bundle's entry carries: Parameters, or a Binary with the patch document in `data`."""
    if resource.get("resourceType") != "Binary":
        return Patch(FhirPathPatch(resource).apply)
    media_type = str(resource.get("contentType", "")).partition(";")[0].strip().lower()
    patch = patch_of_body(media_type, _data(resource))
    if patch is None:
        sentence = f"A Binary with a patch has the contentType {JSON_PATCH} or {XML_PATCH}, not {media_type[:80]!r}."
        raise malformed(sentence, "Binary.contentType")
    return patch


def _data(resource: Resource) -> bytes:
    try:
        return base64.b64decode("".join(str(resource.get("data", "")).split()), validate=True)
    except (binascii.Error, ValueError):
        raise malformed("The data of the Binary is not base64.", "Binary.data") from None

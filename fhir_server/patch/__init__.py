"""Patches: JSON Patch, FHIRPath Patch and XML Patch as pure functions of a resource (https://hl7.org/fhir/R4/http.html#patch)."""

from fhir_server.patch.fhirpath_patch import FhirPathPatch
from fhir_server.patch.json_patch import JsonPatch
from fhir_server.patch.patch import Patch, patch_of_body, patch_of_entry
from fhir_server.patch.xml_patch import XmlPatch

__all__ = ["FhirPathPatch", "JsonPatch", "Patch", "XmlPatch", "patch_of_body", "patch_of_entry"]

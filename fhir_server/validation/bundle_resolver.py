"""resolve() inside a Bundle: references are read from the fullUrl of the entry they stand in (https://hl7.org/fhir/R4/bundle.html#references)."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from fhir_server.fhirpath.context import Context
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.contained import Contained
from fhir_server.model.json_format import Resource
from fhir_server.validation.bundle_index import BundleIndex


class BundleResolver:
    """Resolves references by the Bundle's entries; the index is made at the first one."""

    def __init__(self, bundle: Resource):
        self._bundle = bundle

    @cached_property
    def index(self) -> BundleIndex:
        return BundleIndex(self._bundle)

    def __call__(self, text: str) -> Resource | None:
        return self.find(text, None)

    def find(self, text: str, full_url: str | None) -> Resource | None:
        """The entry's resource that a reference means, written in the entry with this fullUrl."""
        found = self.index.find(text, full_url)
        return found[0].resource if found else None


class EntryResolver:
    """The same, seen from one entry."""

    def __init__(self, bundle: BundleResolver, full_url: str | None):
        self._bundle, self._full_url = bundle, full_url

    def __call__(self, text: str) -> Resource | None:
        return self._bundle.find(text, self._full_url)


def outer_context(resource: Resource, steps: Steps | None = None) -> Context:
    """The FHIRPath context of a resource that stands alone; `steps` are what all evaluations in it may take together."""
    resolve = BundleResolver(resource) if resource.get("resourceType") == "Bundle" else None
    return Context(
        resource=resource, root_resource=resource, resolve=resolve, stub_references=True, lenient=True,
        steps=steps, contained=Contained(resource),
    )  # fmt: skip


def inner_context(outer: Context, holder: object, resource: Resource, step: str) -> Context:
    """That of a resource inside another: `holder` is the object that has it under `step`. A contained resource keeps the
    %rootResource of its container; one in a Bundle resolves among the entries."""
    if step == "contained":
        return replace(outer, resource=resource, root_resource=outer.root_resource or resource)  # and the index of what that contains
    resolve = outer.resolve
    if resource.get("resourceType") == "Bundle":
        resolve = BundleResolver(resource)
    elif isinstance(resolve, BundleResolver):
        url = holder.get("fullUrl") if isinstance(holder, dict) else None
        resolve = EntryResolver(resolve, url if isinstance(url, str) else None)
    return replace(outer, resource=resource, root_resource=resource, resolve=resolve, contained=Contained(resource))

"""$meta, $meta-add and $meta-delete: profiles, tags and security labels (https://hl7.org/fhir/R4/resource-operation-meta.html,
resource-operation-meta-add.html, resource-operation-meta-delete.html).

They are sets: what is there already is not added twice. A change makes a new version, as every change here does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.patch import Patch

Meta = dict[str, Any]

SETS = ("profile", "security", "tag")
PAGE = "1000"
MAX_PAGES = 20
"""Pages of resources that are looked through for one kind of label; more is refused, for it would read the whole store."""


def asked_meta(body: Resource) -> Meta:
    """The `meta` of the Parameters; MALFORMED where there is none."""
    parts = body.get("parameter") if body.get("resourceType") == "Parameters" else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and part.get("name") == "meta" and isinstance(part.get("valueMeta"), dict):
            meta: Meta = part["valueMeta"]
            return meta
    raise fault(Category.MALFORMED, "required", "Send Parameters with the parameter 'meta', a valueMeta.", "Parameters.parameter")


def returned(meta: Meta) -> Resource:
    """The answer of all three operations."""
    return {"resourceType": "Parameters", "parameter": [{"name": "return", "valueMeta": meta}]}


def adding(meta: Meta) -> Patch:
    """The change that adds the profiles, tags and labels of `meta`."""
    return _changing(lambda name, standing: union([*standing, *_listed(meta, name)]))


def deleting(meta: Meta) -> Patch:
    """The change that takes the profiles, tags and labels of `meta` away."""
    return _changing(lambda name, standing: _without(standing, {_key(one) for one in _listed(meta, name)}))


def _without(standing: list[Any], unwanted: set[object]) -> list[Any]:
    return [one for one in standing if _key(one) not in unwanted]


def _changing(change: Callable[[str, list[Any]], list[Any]]) -> Patch:
    def apply(resource: Resource, _: object) -> Resource:
        meta = dict(resource.get("meta") or {})
        for name in SETS:
            meta[name] = change(name, _listed(meta, name))
        resource["meta"] = {name: value for name, value in meta.items() if value != []}
        return resource

    return Patch(apply)


def _listed(meta: Meta, name: str) -> list[Any]:
    value = meta.get(name)
    return value if isinstance(value, list) else []


def union(values: Iterable[Any]) -> list[Any]:
    """Each profile, and each coding by system and code, once; the first of a kind stays."""
    found: dict[object, Any] = {}
    for one in values:
        found.setdefault(_key(one), one)
    return list(found.values())


def _key(one: Any) -> object:
    return (one.get("system"), one.get("code")) if isinstance(one, dict) else one


def meta_of(content: bytes | None) -> Meta:
    """The meta of a stored resource."""
    resource: Resource = decode_json(content or b"{}")
    return resource.get("meta") or {}


async def used_meta(interactions: Interactions, types: Iterable[str]) -> Meta:
    """All profiles, tags and labels that resources of these types have now; TOO_LARGE where too many resources have some."""
    used: dict[str, list[Any]] = {name: [] for name in SETS}
    for type_name in types:
        for name in SETS:
            used[name] = union([*used[name], *await _used(interactions, type_name, name)])
    return {name: values for name, values in used.items() if values}


async def _used(interactions: Interactions, type_name: str, name: str) -> list[Any]:
    found: list[Any] = []
    page = [(f"_{name}:missing", "false"), ("_count", PAGE), ("_total", "none")]
    for _ in range(MAX_PAGES):
        result = await interactions.search(type_name, page)
        found = union([*found, *(one for stored in result.matches for one in _listed(meta_of(stored.content), name))])
        if result.next is None:
            return found
        page = [*page[:3], ("_page", result.next)]
    sentence = f"More than {MAX_PAGES * int(PAGE)} resources of type {type_name} have a meta.{name}; ask $meta of single resources."
    raise fault(Category.TOO_LARGE, "too-costly", sentence)

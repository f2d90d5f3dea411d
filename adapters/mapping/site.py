"""Sites: what single senders mean otherwise, said on top of the maps, element by element, without a copy of any (docs/mapping.md).

site: chu_exemple
title: The CHU sends the ward in PV1-3 only
of: hl7v2
senders: ["DPI|CHU"]
resources: {encounter: {set: {reasonCode: [{text: PV2-3.text}]}}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from adapters.mapping.document import checked, default_folder
from adapters.mapping.maps import Library, Map, Parts, check_waived, compiled, join, joined, load_library, map_documents
from adapters.mapping.run import Language
from adapters.mapping.source import Node
from fhir_server.model.schema import Schema

Read = Callable[[Path], Node]


def load_sites(
    languages: Mapping[str, Language], sites: Path, folder: Path | None = None, *, traced: bool = False, schema: Schema | None = None
) -> Library:
    """The library of a folder with the sites of another; MapError, with file and line, at the first that cannot be used."""
    library = load_library(languages, folder, traced=traced, schema=schema)
    read = cache(checked)
    maps = [one for one in map_documents(folder or default_folder(), read) if one.value["of"].value in languages]
    compile_ = partial(compiled, languages=languages, traced=traced, schema=schema)
    by_sender: dict[str, Mapping[str, Map]] = {}
    for site in site_documents(sites, read):
        changed = {document.value["map"].value: compile_(document, parts) for document, parts in changed_parts(site, maps, read)}
        for sender in site.value["senders"].value:
            if sender.value in by_sender:
                raise sender.error(f"{sender.value} has another site already")
            by_sender[sender.value] = {**library.maps, **changed}
    return Library(library.maps, by_sender)


def site_documents(folder: Path, read: Read) -> Iterator[Node]:
    """The files under a folder that are sites, not only parts of some."""
    for document in (read(file) for file in sorted(folder.resolve().rglob("*.yaml"))):
        if "map" in document:
            raise document.error("a folder of sites holds no maps; say `site` and `senders`, and what is to be otherwise")
        if "site" in document:
            yield document


def changed_parts(site: Node, maps: list[Node], read: Read) -> list[tuple[Node, Parts]]:
    """The maps that a site changes, each with what is in it then."""
    found, known = [], set[str]()
    for document in _chosen(site, [one for one in maps if one.value["of"].value == site.value["of"].value]):
        parts = joined(document, read)
        known |= parts.resources.keys()
        join(site, parts, (), read)
        _leave_out_unknown(parts)
        found.append((document, parts))
    check_waived(site, [parts for _, parts in found])
    for name, node in site.value["resources"].items() if "resources" in site else ():
        if name not in known and "type" not in node:
            raise node.error(f"there is no resource {name} in a map that this site changes")
    return found


def _chosen(site: Node, maps: list[Node]) -> list[Node]:
    if not maps:
        raise site.value["of"].error(f"there is no map of the source format {site.value['of'].value}")
    if "maps" not in site:
        return maps
    by_name = {one.value["map"].value: one for one in maps}
    for name in site.value["maps"].value:
        if name.value not in by_name:
            raise name.error(f"there is no map {name.value} (there are: {', '.join(sorted(by_name))})")
    return [by_name[name.value] for name in site.value["maps"].value]


def _leave_out_unknown(parts: Parts) -> None:
    """A site speaks of all maps; what it says of a resource that one of them does not have is not for that one."""
    for name in [name for name, head in parts.resources.items() if "type" not in head]:
        del parts.resources[name], parts.elements[name]

"""The maps of a folder, ready to run: read, checked by their JSON Schema, included files joined, compiled.

library = load_library(languages={"hl7v2": Hl7v2Language()})
run = library.maps["adt_a03"].run(message, settings)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from adapters.mapping.compiler import Compiler, names
from adapters.mapping.concept_map import CodeTable, load_concept_map
from adapters.mapping.condition import compile_condition
from adapters.mapping.document import checked, default_folder
from adapters.mapping.elements import check_elements
from adapters.mapping.run import Language, Run, Test
from adapters.mapping.source import Node
from adapters.mapping.template import Template
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema

NOTHING: frozenset[str] = frozenset()
Requirement = tuple[str, Callable[[Run], bool]]


@dataclass(frozen=True, slots=True)
class Map:
    """One compiled map. `accepts` says for which inputs, in the words of its format: `{"event": ["A03"]}`."""

    name: str
    title: str
    language: Language
    accepts: Mapping[str, Any]
    required: tuple[Requirement, ...]
    start: tuple[Template, ...]
    templates: Mapping[str, Template]
    also: tuple[Template, ...] = ()

    def run(self, source: Any, settings: Any = None) -> Run:
        """Map one input; FhirError, or the language's own, where something required is missing or a value is wrong."""
        run = Run(source, settings)
        for path, present in self.required:
            if not present(run):
                raise self.language.missing(path, run)
        for template in self.start:
            if "reference" not in (template.refer(run, {}) or {}):
                raise _unidentified(template.type)
        for template in self.also:
            template.refer(run, {})
        return run


def _unidentified(type_name: str) -> FhirError:
    sentence = phrase("The message has no identifier that the {type} could be known by.", type=type_name)
    return fault(Category.INVALID, "required", sentence, f"{type_name}.identifier")


@dataclass(frozen=True, slots=True)
class Library:
    """`sites`: of a sender with a site, the maps as that site says them."""

    maps: Mapping[str, Map]
    sites: Mapping[str, Mapping[str, Map]] = field(default_factory=dict)

    def of_sender(self, sender: str) -> Mapping[str, Map]:
        """The maps for the messages of a sender."""
        return self.sites.get(sender, self.maps)

    def accepting(self, kind: str, value: str) -> Map | None:
        """The map whose `accepts` lists the value: `accepting("event", "A03")`."""
        return next((one for one in self.maps.values() if value in one.accepts.get(kind, ())), None)


def load_library(
    languages: Mapping[str, Language], folder: Path | None = None, *, traced: bool = False, schema: Schema | None = None
) -> Library:
    """Every map under the folder: MapError, with file and line, at the first that cannot be used.

    `schema`: the types of FHIR that the elements are checked against; without it any name of an element is taken.
    """
    maps: dict[str, Map] = {}
    read = cache(checked)  # a file that several others use is read once
    for document in map_documents(folder or default_folder(), read):
        one = compiled(document, joined(document, read), languages, traced, schema)
        if one.name in maps:
            raise document.error(f"there is another map {one.name}")
        maps[one.name] = one
    return Library(maps)


def map_documents(folder: Path, read: Callable[[Path], Node]) -> Iterator[Node]:
    """The files under a folder that are maps, not only parts of some."""
    documents = (read(file) for file in sorted(folder.resolve().rglob("*.yaml")))
    return (document for document in documents if "map" in document)


@dataclass(frozen=True, slots=True)
class Parts:
    """A map and what it uses, joined: the nearer file wins, resource by resource and element by element."""

    resources: dict[str, dict[str, Node]]
    elements: dict[str, dict[str, Node]]
    blocks: dict[str, Node]
    required: list[Node]
    tables: dict[str, CodeTable]
    waived: set[str] = field(default_factory=set)


def compiled(document: Node, parts: Parts, languages: Mapping[str, Language], traced: bool, schema: Schema | None = None) -> Map:
    """The map of a document, its parts joined."""
    check_waived(document, [parts])
    head = {name: node.plain() for name, node in document.items() if name in ("map", "title", "of", "accepts", "start")}
    language = languages.get(head["of"])
    if language is None:
        raise document.value["of"].error(f"there is no source format {head['of']} (there are: {', '.join(languages)})")
    compiler = Compiler(language, parts.blocks, {}, parts.tables, traced)
    for name in parts.resources:
        compiler.templates[name] = _template(name, parts)
    for name, template in compiler.templates.items():
        _fill(compiler, template, parts.resources[name], parts.elements[name], document)
    required = tuple(requirement(node, compiler) for node in parts.required)
    if schema is not None:
        check_elements(parts.resources, parts.elements, parts.blocks, schema)
    start, also = (_started(document, key, compiler.templates) for key in ("start", "also"))
    return Map(head["map"], head["title"], language, head.get("accepts", {}), required, start, compiler.templates, also)


def joined(document: Node, read: Callable[[Path], Node] = checked) -> Parts:
    """A map's file and all that it uses; `read` gives a file by its path."""
    parts = Parts({}, {}, {}, [], {})
    join(document, parts, (), read)
    return parts


def _started(document: Node, key: str, templates: Mapping[str, Template]) -> tuple[Template, ...]:
    names_ = document.value[key].value if key in document else []
    for name in names_:
        if name.value not in templates:
            raise name.error(f"there is no resource {name.value}")
    return tuple(templates[name.value] for name in names_)


def join(document: Node, parts: Parts, above: tuple[Path, ...], read: Callable[[Path], Node]) -> None:
    """Add what a document and the files it uses say; what was said before gives way."""
    if document.file in above:
        raise document.error("this file uses itself")
    for used in document.value["use"].value if "use" in document else []:
        file = (document.file.parent / used.value).resolve()
        if not file.is_file():
            raise used.error(f"there is no file {used.value}")
        join(read(file), parts, (*above, document.file), read)
    parts.tables.update(_tables(document.file.parent))
    _require(document, parts)
    for name, node in document.value["blocks"].items() if "blocks" in document else ():
        parts.blocks[name] = node
    for name, node in document.value["resources"].items() if "resources" in document else ():
        parts.resources.setdefault(name, {}).update((key, one) for key, one in node.items() if key != "set")
        parts.elements.setdefault(name, {}).update(node.value["set"].items() if "set" in node else ())


def _require(document: Node, parts: Parts) -> None:
    """What a file requires more than those it uses, and what of theirs it waives."""
    waived = document.value["waive"].plain() if "waive" in document else ()
    parts.waived.update({required_path(one) for one in parts.required} & set(waived))
    parts.required[:] = [one for one in parts.required if required_path(one) not in waived]
    parts.required.extend(document.value["require"].value if "require" in document else [])


def check_waived(document: Node, joined_: Iterable[Parts]) -> None:
    """MapError where a file waives what nothing requires: a slip of the pen would leave the requirement in force."""
    waived = {path for parts in joined_ for path in parts.waived}
    required = sorted({required_path(one) for parts in joined_ for one in parts.required})
    for one in document.value["waive"].value if "waive" in document else ():
        if one.value not in waived:
            raise one.error(f"nothing requires {one.value}, so there is nothing to waive (required are: {', '.join(required)})")


def required_path(node: Node) -> str:
    return str(node.value if isinstance(node.value, str) else node.value["path"].value)


def _tables(folder: Path) -> dict[str, CodeTable]:
    return {file.stem: load_concept_map(file) for file in sorted((folder / "concept-maps").glob("*.json"))}


def _template(name: str, parts: Parts) -> Template:
    head = parts.resources[name]
    plain = {key: node.plain() for key, node in head.items() if key in ("type", "match", "merge")}
    if "type" not in plain:
        raise next(iter(head.values())).error(f"the resource {name} has no type")
    matching = plain.get("match", {"by": "identifier"})
    return Template(name, plain["type"], tuple(names(head.get("of"))), tuple(matching.get("confirm", ())), matching, plain.get("merge", {}))


def _fill(compiler: Compiler, template: Template, head: dict[str, Node], elements: dict[str, Node], document: Node) -> None:
    bound = frozenset(template.of)
    body = Node(elements, document.file, document.line)
    template.fields.extend((name, compiled.rule) for name, compiled in compiler.fields(body, bound, top=True))
    if "display" in head:
        template.display = compiler.rule(head["display"], bound).rule


def requirement(node: Node, compiler: Compiler) -> Requirement:
    """A path that must say something, and whether it does in a run."""
    path = required_path(node)
    when = node.get("when")
    try:
        values = compiler.language.values(path, NOTHING, compiler.traced)
        test = compile_condition(when.value, lambda one: compiler.language.values(one, NOTHING, False)) if when else None
    except (ValueError, KeyError) as error:
        raise node.error(str(error.args[0])) from None
    return path, lambda run: _satisfied(run, values, test)


def _satisfied(run: Run, values: Callable[[Run, dict[str, Any]], list[str]], test: Test | None) -> bool:
    return bool(values(run, {})) or (test is not None and not test(run, {}))

"""All that is needed to show a form and to work with it, in one Bundle: the modules that it takes in, the value sets that it offers, their
code systems, the libraries that it uses (https://hl7.org/fhir/us/davinci-dtr/STU2/OperationDefinition-questionnaire-package.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import CORE, SDC, Item, below, extension, extensions

SUB_QUESTIONNAIRE, LIBRARY, UNIT_SET = SDC + "subQuestionnaire", CORE + "cqf-library", CORE + "questionnaire-unitValueSet"
MAX_RESOURCES = 500
Resolve = Callable[[str], Resource | None]


def package_of(form: Resource, resolve: Resolve) -> tuple[Resource, list[Issue]]:
    """A Bundle of type collection, the form first, and what was not found. `resolve` gives what may be had by canonical URL."""
    package = _Package(resolve)
    package.add(form)
    return package.bundle(), package.issues


@dataclass(slots=True)
class _Package:
    """What was found, by type and URL, and what was not."""

    resolve: Resolve
    found: dict[str, Resource] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def bundle(self) -> Resource:
        entries = [{"fullUrl": str(one["url"]), "resource": one} if "url" in one else {"resource": one} for one in self.found.values()]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    def add(self, resource: Resource) -> None:
        """Take in a resource and all that it names."""
        waiting = [resource]
        while waiting and len(self.found) < MAX_RESOURCES:
            one = waiting.pop(0)
            key = f"{one.get('resourceType')} {one.get('url') or id(one)}|{one.get('version', '')}"
            if key not in self.found:
                self.found[key] = one
                waiting += self._named_by(one)
        if waiting:
            sentence = f"There are more than {MAX_RESOURCES} resources; the others were left out."
            self.issues.append(Issue("warning", "too-costly", sentence))

    def _named_by(self, resource: Resource) -> Iterator[Resource]:
        for type_name, canonical in dict.fromkeys(named_by(resource)):
            found = self.resolve(canonical)
            if found is not None and found.get("resourceType") == type_name:
                yield found
            else:
                self._tell(type_name, canonical, resource)

    def _tell(self, type_name: str, canonical: str, resource: Resource) -> None:
        sentence = f"The {type_name} {canonical[:200]} that {resource.get('url')} names is not here; add its package, or store it."
        issue = Issue("information" if type_name == "CodeSystem" else "warning", "not-found", sentence)
        if issue not in self.issues:
            self.issues.append(issue)


def named_by(resource: Resource) -> Iterator[tuple[str, str]]:
    """(type, canonical URL) of what a resource of a package needs; not what it contains itself."""
    for holder in (resource, *objects(resource.get("contained"))):
        named = _NAMED.get(str(holder.get("resourceType")))
        yield from ((kind, url) for kind, url in (named(holder) if named else ()) if not url.startswith("#"))


def _by_form(form: Resource) -> Iterator[tuple[str, str]]:
    yield from (("Library", str(one)) for one in extensions(form, LIBRARY))
    for item in below(form):
        yield from _by_item(item)


def _by_item(item: Item) -> Iterator[tuple[str, str]]:
    named: tuple[tuple[str, Any], ...] = (
        ("Questionnaire", extension(item, SUB_QUESTIONNAIRE)),
        ("ValueSet", item.get("answerValueSet")),
        ("ValueSet", extension(item, UNIT_SET)),
    )
    yield from ((kind, str(url)) for kind, url in named if url)


def _by_value_set(value_set: Resource) -> Iterator[tuple[str, str]]:
    for part in (
        part for compose in objects([value_set.get("compose")]) for name in ("include", "exclude") for part in objects(compose.get(name))
    ):
        yield from (("ValueSet", one) for one in _texts(part.get("valueSet")))
        if "system" in part:
            yield "CodeSystem", str(part["system"]) + (f"|{part['version']}" if "version" in part else "")


def _texts(value: Any) -> list[str]:
    """A form out of a package was read by nobody before; what is no array of texts names nothing."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _by_library(library: Resource) -> Iterator[tuple[str, str]]:
    needed = (one for one in objects(library.get("relatedArtifact")) if one.get("type") == "depends-on")
    yield from (("Library", str(one["resource"])) for one in needed if "/Library/" in str(one.get("resource")))


_NAMED: dict[str, Callable[[Resource], Iterator[tuple[str, str]]]] = {
    "Questionnaire": _by_form,
    "ValueSet": _by_value_set,
    "Library": _by_library,
}

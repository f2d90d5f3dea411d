"""A modular form made whole (https://hl7.org/fhir/uv/sdc/STU4/modular.html): each item that stands for another form is replaced by that
form's items, with what else of it has to come along; what an item takes from its definition is written into it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from fhir_server.fhirpath import Context, FhirPathError, compile_expression
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.adoption import for_holder, for_root, with_extensions
from fhir_server.questionnaires.environment import VARIABLE, launch_contexts
from fhir_server.questionnaires.item import SDC, Item, below, extension, extensions
from fhir_server.questionnaires.item_definition import completed_item, definition_roots
from fhir_server.questionnaires.link_id_prefix import prefixed_contained, prefixed_extensions, prefixed_item

SUB_QUESTIONNAIRE, ASSEMBLED_FROM, EXPECTATION = (SDC + name for name in ("subQuestionnaire", "assembledFrom", "assemble-expectation"))
ASSEMBLE_CONTEXT, POPULATION_CONTEXT = SDC + "assembleContext", SDC + "itemPopulationContext"
MODULAR, WHOLE = SDC + "modular", SDC.removesuffix("-")
PREFIX = "linkIdPrefix"
MAX_ITEMS = 20_000
"""Items of an assembled form: modules within modules multiply."""

Resolve = Callable[[str], Resource | None]

_OF_THE_SERVER = ("versionId", "lastUpdated", "source")


@dataclass(frozen=True, slots=True)
class Place:
    """Where items are: the form that they come from with the prefix that it was taken in under, the names that expressions have there, the
    prefix for modules taken in there, the definitions that count, and the forms around, outermost first."""

    form: Resource
    path: str
    within: tuple[str, ...]
    prefix: str = ""
    names: frozenset[str] = frozenset()
    next_prefix: str = ""
    roots: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """The whole form, and what there is to tell."""

    questionnaire: Resource
    issues: tuple[Issue, ...] = ()


def assembled(questionnaire: Resource, resolve: Resolve, schema: Schema) -> Assembled:
    """The form without any item that stands for another one; FhirError with all that hinders it. `resolve` gives forms and
    StructureDefinitions by canonical URL."""
    return _Assembly(questionnaire, resolve, schema).made()


@dataclass(slots=True)
class _Assembly:
    root: Resource
    resolve: Resolve
    schema: Schema
    issues: list[Issue] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)
    contained: dict[str, Resource] = field(default_factory=dict)
    for_root: list[Item] = field(default_factory=list)
    items: int = 0

    def made(self) -> Assembled:
        self._contain(self.root, "", "Questionnaire")
        roots = tuple(definition_roots(self.root, []))
        place = self._place_within(self.root, Place(self.root, "Questionnaire", (_name(self.root),), roots=roots))
        items, adopted = self._items(self.root, place)
        whole = self._head() | ({"item": items} if items else {})
        used = [{"url": ASSEMBLED_FROM, "valueCanonical": one} for one in self.used]
        whole = with_extensions(whole, [*adopted, *self.for_root, *used], lambda sentence: self._refuse(sentence, "Questionnaire"))
        self._require_unique(whole)
        if errors := [issue for issue in self.issues if issue.is_error]:
            raise FhirError(Category.INVALID, errors)
        return Assembled(whole | ({"contained": list(self.contained.values())} if self.contained else {}), tuple(self.issues))

    def _head(self) -> Resource:
        """The root without what is of the modular form only: its id, version on the server, narrative and expectation."""
        head = {name: deepcopy(value) for name, value in self.root.items() if name not in ("id", "text", "item", "contained", "meta")}
        head["extension"] = [*_with_expectation(objects(head.get("extension")))]
        said = self.root.get("meta")
        meta = {name: value for name, value in (said if isinstance(said, dict) else {}).items() if name not in _OF_THE_SERVER}
        if isinstance(meta.get("profile"), list):
            meta["profile"] = list(dict.fromkeys(WHOLE if one == MODULAR else str(one) for one in meta["profile"]))
        return {name: value for name, value in head.items() if value != []} | ({"meta": meta} if meta else {})

    def _items(self, holder: Item, place: Place) -> tuple[list[Item], list[Item]]:
        """The items below a holder, modules in their places, and the extensions that the holder adopts from these."""
        made: list[Item] = []
        adopted: list[Item] = []
        for index, item in enumerate(objects(holder.get("item"))):
            path = f"{place.path}.item[{index}]"
            canonical = extension(item, SUB_QUESTIONNAIRE)
            if canonical is None:
                made.append(self._item(item, place, path))
            elif module := self._module(str(canonical), item, place, path):
                items, found = self._imported(module, place, path)
                made, adopted = [*made, *items], [*adopted, *found]
        return made, adopted

    def _item(self, item: Item, place: Place, path: str) -> Item:
        self._count(path)
        roots = tuple(definition_roots(item, list(place.roots)))
        whole, library = completed_item(item, self.resolve, lambda told: self._refuse(told, path), list(roots))
        if library is not None:
            self._contain(library, place.prefix, path)
        inner = self._place_within(whole, Place(place.form, path, place.within, place.prefix, place.names, place.next_prefix, roots))
        below_it, adopted = self._items(whole, inner)
        own = {name: value for name, value in prefixed_item(whole, place.prefix, library or place.form).items() if name != "item"}
        made = with_extensions(own, adopted, lambda sentence: self._refuse(sentence, path))
        return made | ({"item": below_it} if below_it else {})

    def _place_within(self, holder: Item, place: Place) -> Place:
        """The place of a holder's items: with the names that it declares."""
        variables = [one for one in extensions(holder, VARIABLE) if isinstance(one, dict)]
        contexts = [one for one in extensions(holder, POPULATION_CONTEXT) if isinstance(one, dict)]
        names = {*launch_contexts(holder), *(str(one.get("name")) for one in (*variables, *contexts))}
        prefix = next((self._prefix(one, place) for one in variables if one.get("name") == PREFIX), place.next_prefix)
        return Place(place.form, place.path, place.within, place.prefix, place.names | names, prefix, place.roots)

    def _prefix(self, variable: Item, place: Place) -> str:
        around = Context(variables={PREFIX: place.next_prefix})
        try:
            found = compile_expression(str(variable.get("expression")), self.schema).evaluate({"resourceType": "Basic"}, around)
        except FhirPathError as error:
            self._refuse(f"The linkIdPrefix cannot be told: {error} It may only use %linkIdPrefix from around.", place.path)
            return place.next_prefix
        return "".join(str(node.value) for node in found[:1])

    def _module(self, canonical: str, item: Item, place: Place, path: str) -> Resource | None:
        """The form that an item stands for; None, and an error, where it cannot be taken in."""
        if item.get("type") != "display":
            self._refuse("Only an item of the type display can stand for another form; change its type.", path)
            return None
        found = self.resolve(canonical)
        if found is None or found.get("resourceType") != "Questionnaire":
            self._refuse(f"The form {canonical[:200]} is not here; store it, or mend the subQuestionnaire.", path)
            return None
        if _name(found) in place.within:
            way = " > ".join((*place.within, _name(found)))
            self._refuse(f"The form {_name(found)} would contain itself: {way}. Take one of these references out.", path)
            return None
        for sentence in self._hindrances(found, place):
            self._refuse(sentence, path)
        return found

    def _hindrances(self, found: Resource, place: Place) -> list[str]:
        """Why a form cannot be a module here."""
        name = _name(found)
        told = [
            f"{name} has {one}, which no module may have; take it out." for one in ("implicitRules", "modifierExtension") if one in found
        ]
        if found.get("language", self.root.get("language")) != self.root.get("language"):
            told.append(f"{name} is in the language {found['language']}, the form in {self.root.get('language', 'none that is said')}.")
        if extension(found, EXPECTATION) == "assemble-root":
            told.append(f"{name} says of itself that it is the root of forms (assemble-root), no module.")
        missing = [str(one) for one in extensions(found, ASSEMBLE_CONTEXT) if one not in place.names]
        return [*told, *([f"{name} needs %{', %'.join(missing)} where it is taken in; declare them there or above."] if missing else [])]

    def _imported(self, module: Resource, place: Place, path: str) -> tuple[list[Item], list[Item]]:
        """The module's items, and what the holder adopts from it and from modules at its root."""
        prefix = place.next_prefix
        self.used[_versioned(module)] = None
        self._contain(module, prefix, path)
        self.for_root += prefixed_extensions(for_root(module), prefix, module)
        taken = Place(module, path, (*place.within, _name(module)), prefix, place.names, prefix, tuple(definition_roots(module, [])))
        items, adopted = self._items(module, self._place_within(module, taken))
        return items, [*prefixed_extensions(for_holder(module), prefix, module), *adopted]

    def _contain(self, form: Resource, prefix: str, path: str) -> None:
        for one in prefixed_contained(form, prefix):
            if self.contained.setdefault(str(one.get("id")), one) != one:
                self._refuse(
                    f"Two different resources would be contained as {one.get('id')}; set a linkIdPrefix for one of the forms.", path
                )

    def _count(self, path: str) -> None:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise fault(Category.TOO_LARGE, "too-costly", f"The assembled form has more than {MAX_ITEMS} items.", path)

    def _require_unique(self, whole: Resource) -> None:
        seen: set[str] = set()
        twice: dict[str, None] = {}
        for link_id in (str(item.get("linkId")) for item in below(whole)):
            if link_id in seen:
                twice[link_id] = None
            seen.add(link_id)
        if twice:
            said = ", ".join(list(twice)[:20])
            self._refuse(f"These linkIds would be there more than once: {said}. Set a linkIdPrefix.", "Questionnaire.item")

    def _refuse(self, sentence: str, path: str) -> None:
        issue = Issue("error", "business-rule", sentence, path)
        if issue not in self.issues:
            self.issues.append(issue)


def _with_expectation(found: list[Item]) -> list[Item]:
    """What is expected of a form that was assembled: nothing more to assemble (the codes assemble-* become independent-*)."""
    kept = [one for one in found if one.get("url") not in (EXPECTATION, ASSEMBLED_FROM)]
    said = next((str(one.get("valueCode")) for one in found if one.get("url") == EXPECTATION), "assemble-root")
    independent = said.replace("assemble-", "independent-", 1)
    return kept if said == "assemble-root" else [{"url": EXPECTATION, "valueCode": independent}, *kept]


def _name(form: Resource) -> str:
    return str(form.get("url") or form.get("id") or "this form")


def _versioned(form: Resource) -> str:
    return f"{form.get('url')}|{form['version']}" if "version" in form else str(form.get("url"))

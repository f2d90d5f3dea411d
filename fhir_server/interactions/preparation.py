"""A resource made ready to be written: checked, its bytes with gaps, its index rows. Pure computation, done outside any lock."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.authorship import UNKNOWN, Authorship
from fhir_server.interactions.identity import checked_id
from fhir_server.interactions.searching import Searching
from fhir_server.interactions.tenant import keep_for
from fhir_server.interactions.write_validation import WriteValidation
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.model.near_miss import near_miss
from fhir_server.model.phrase import phrase
from fhir_server.patch import Patch
from fhir_server.store.change import Body, Write
from fhir_server.store.stored import Stored
from fhir_server.store.wanted_version import WantedVersion
from fhir_server.validation.structure import StructureCheck


class Preparation:
    """Holds what is compiled once: the structure check and the index extraction of each type.

    `validation` is None where no write is validated beyond its structure.
    """

    def __init__(self, definitions: Definitions, searching: Searching, validation: WriteValidation | None = None):
        self._validation = None if validation is None or validation.is_off else validation
        self._schema = definitions.schema
        self.resource_types = definitions.schema.resource_types
        self.link_tables: dict[str, dict[str, str]] = {}  # what `links.Rewriting` works out once for each type
        self._structure = StructureCheck(definitions.schema)
        self._extractor = searching.extractor
        self._tenant, self._authorship = "", UNKNOWN

    def of(self, tenant: str, authorship: Authorship) -> Preparation:
        """The same for a tenant: what is written is kept for it, whatever the resource says; and for the author of new answers to forms."""
        other = copy(self)
        other._tenant, other._authorship = tenant, authorship
        return other

    def known_type(self, type_name: str) -> str:
        """The type itself; FhirError where R4 has no such resource type."""
        if type_name not in self.resource_types:
            sentence = phrase("R4 has no resource type {type}; names are case-sensitive, as in Patient.", type=repr(type_name[:80]))
            raise fault(Category.NOT_FOUND, "not-supported", sentence)
        return type_name

    def check(self, resource: Resource, expected_type: str) -> None:
        """Refuse what no reader could understand, and a resource of another type than the URL says."""
        self.known_type(expected_type)
        found = resource.get("resourceType")
        if found != expected_type:
            sentence = phrase("The URL says {type}, but the body is of type {found}.", type=expected_type, found=found) + self._hint(found)
            raise fault(Category.MALFORMED, "invalid", sentence)
        if errors := [issue for issue in self._structure.check(resource) if issue.is_error]:
            raise FhirError(Category.MALFORMED, errors)

    def patched(self, patch: Patch, standing: Stored) -> Resource:
        """What the patch makes of a stored version, checked like an update; INVALID where it does not apply or leaves no valid resource."""
        resource = patch.apply(decode_json(standing.content or b"null"), self._schema)
        try:
            self.check(resource, standing.type)
        except FhirError as error:
            raise FhirError(Category.INVALID, [_after_patch(issue) for issue in error.issues]) from None
        return resource

    def _hint(self, type_name: object) -> str:
        if type_name in self.resource_types:
            return phrase(" Send it to /{type}.", type=type_name)
        return near_miss(str(type_name), self.resource_types)

    @property
    def validates(self) -> bool:
        """True where some writes are validated beyond their structure, which takes longer."""
        return self._validation is not None

    def judge(self, resource: Resource) -> tuple[Issue, ...]:
        """What validation on write has to tell about a resource; FhirError where the settings refuse it."""
        return self._validation.judge(resource) if self._validation else ()

    def write(self, resource: Resource, id_: str, *, fresh: bool, if_match: WantedVersion | int | None = None, data: bytes = b"") -> Write:
        """The change that stores a checked resource under this id; `data` as for `Body.of`."""
        if self._tenant:
            keep_for(resource, self._tenant)
        if fresh:
            self._authorship.sign(resource)
        type_name, body = resource["resourceType"], Body.of(resource, id_, data)
        self._extractor.require_few_grants(resource, id_)
        generation = self._extractor.generation  # before the rows are made: they may be newer than it says, never older
        return Write(type_name, id_, body, self._extractor.extract(resource, id_), fresh, if_match, generation)


def _after_patch(issue: Issue) -> Issue:
    return replace(issue, diagnostics=phrase("The patch leaves no valid resource. {found}", found=issue.diagnostics))


def id_in_body(resource: Resource, id_: str) -> None:
    """An update's body must carry the id of its URL (https://hl7.org/fhir/R4/http.html#update)."""
    found = resource.get("id")
    if found is None:
        sentence = phrase('The body has no id; an update needs "id": "{id}", the id of the URL.', id=checked_id(id_))
        raise fault(Category.MALFORMED, "required", sentence)
    if found != id_:
        sentence = phrase("The body has the id {found}, the URL {id}; they must be the same.", found=repr(found), id=repr(id_))
        raise fault(Category.MALFORMED, "value", sentence)

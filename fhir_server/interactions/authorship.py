"""Who wrote the answers to a form: the person who is authenticated, whatever a browser says
(https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.author).
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.security.caller import Caller

KINDS = ("Practitioner", "PractitionerRole", "RelatedPerson", "Patient")
"""In the order in which one is chosen."""


@dataclass(frozen=True, slots=True)
class Authorship:
    """`persons` are who the caller is in the record (`Practitioner/x`), `for_others` is for software that writes what others said."""

    persons: tuple[str, ...] = ()
    for_others: bool = True

    @property
    def author(self) -> str | None:
        """The one who writes; None where that is nobody, or cannot be told: several of the first kind that there is."""
        kinds = ([one for one in self.persons if one.partition("/")[0] == kind] for kind in KINDS)
        first = next((found for found in kinds if found), [])
        return first[0] if len(first) == 1 else None

    def sign(self, resource: Resource) -> None:
        """Name the author of new answers that name none; FORBIDDEN for those that name somebody else."""
        if resource["resourceType"] != "QuestionnaireResponse":
            return
        if "author" not in resource:
            resource.update({"author": {"reference": self.author}} if self.author else {})
        elif self.persons and not self.for_others and resource["author"].get("reference") not in self.persons:
            sentence = phrase("These answers name another author than you; leave author out, or name {you}.", you=", ".join(self.persons))
            raise fault(Category.FORBIDDEN, "forbidden", sentence, "QuestionnaireResponse.author")


UNKNOWN = Authorship()
"""Of nobody in the record."""


def authorship_of(caller: Caller) -> Authorship:
    """Who the caller is; who calls for one person, and is known as nobody else, is that person."""
    persons = sorted(f"{type_name}/{id_}" for type_name, id_ in caller.actors if type_name in KINDS)
    own = [f"Patient/{caller.patient}"] if caller.patient else []
    return Authorship(tuple(persons or own), caller.whole and not caller.patient)

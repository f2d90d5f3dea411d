Profile: PasserelleRelatedPerson
Parent: RelatedPerson
Id: passerelle-related-person
Title: "related-person"
Description: "related-person"
* insert Metadata

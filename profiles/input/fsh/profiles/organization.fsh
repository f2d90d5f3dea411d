Profile: PasserelleOrganization
Parent: Organization
Id: passerelle-organization
Title: "organization"
Description: "organization"
* insert Metadata

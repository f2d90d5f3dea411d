Profile: PasserellePractitionerRole
Parent: PractitionerRole
Id: passerelle-practitioner-role
Title: "practitioner-role"
Description: "practitioner-role"
* insert Metadata

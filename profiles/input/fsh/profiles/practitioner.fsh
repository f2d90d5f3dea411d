Profile: PasserellePractitioner
Parent: Practitioner
Id: passerelle-practitioner
Title: "practitioner"
Description: "practitioner"
* insert Metadata

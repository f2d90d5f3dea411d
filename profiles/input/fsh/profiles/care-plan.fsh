Profile: PasserelleCarePlan
Parent: CarePlan
Id: passerelle-care-plan
Title: "care-plan"
Description: "care-plan"
* insert Metadata

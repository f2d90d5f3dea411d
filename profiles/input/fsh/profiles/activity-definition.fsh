Profile: PasserelleActivityDefinition
Parent: ActivityDefinition
Id: passerelle-activity-definition
Title: "activity-definition"
Description: "activity-definition"
* insert Metadata

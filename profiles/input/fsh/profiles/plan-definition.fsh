Profile: PasserellePlanDefinition
Parent: PlanDefinition
Id: passerelle-plan-definition
Title: "plan-definition"
Description: "plan-definition"
* insert Metadata

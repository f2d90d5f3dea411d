Profile: PasserellePlanValidation
Parent: Task
Id: passerelle-plan-validation
Title: "plan-validation"
Description: "plan-validation"
* insert Metadata

Profile: PasserelleCondition
Parent: Condition
Id: passerelle-condition
Title: "condition"
Description: "condition"
* insert Metadata

Profile: PasserelleReevaluation
Parent: Task
Id: passerelle-reevaluation
Title: "reevaluation"
Description: "reevaluation"
* insert Metadata

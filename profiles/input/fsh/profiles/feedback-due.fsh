Profile: PasserelleFeedbackDue
Parent: Task
Id: passerelle-feedback-due
Title: "feedback-due"
Description: "feedback-due"
* insert Metadata

Profile: PasserelleWardRequest
Parent: Task
Id: passerelle-ward-request
Title: "ward-request"
Description: "ward-request"
* insert Metadata

Profile: PasserelleAidRequest
Parent: ServiceRequest
Id: passerelle-aid-request
Title: "aid-request"
Description: "aid-request"
* insert Metadata

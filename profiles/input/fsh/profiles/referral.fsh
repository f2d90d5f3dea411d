Profile: PasserelleReferral
Parent: ServiceRequest
Id: passerelle-referral
Title: "referral"
Description: "referral"
* insert Metadata

Profile: PasserelleSocialProvision
Parent: Observation
Id: passerelle-social-provision
Title: "social-provision"
Description: "social-provision"
* insert Metadata

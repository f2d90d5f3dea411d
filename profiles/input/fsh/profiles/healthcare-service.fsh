Profile: PasserelleHealthcareService
Parent: HealthcareService
Id: passerelle-healthcare-service
Title: "healthcare-service"
Description: "healthcare-service"
* insert Metadata

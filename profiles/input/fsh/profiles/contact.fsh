Profile: PasserelleContact
Parent: Task
Id: passerelle-contact
Title: "contact"
Description: "contact"
* insert Metadata

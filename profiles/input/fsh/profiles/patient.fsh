Profile: PasserellePatient
Parent: Patient
Id: passerelle-patient
Title: "patient"
Description: "patient"
* insert Metadata

Profile: PasserelleAppointment
Parent: Appointment
Id: passerelle-appointment
Title: "appointment"
Description: "appointment"
* insert Metadata

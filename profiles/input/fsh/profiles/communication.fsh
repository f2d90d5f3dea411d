Profile: PasserelleCommunication
Parent: Communication
Id: passerelle-communication
Title: "communication"
Description: "communication"
* insert Metadata

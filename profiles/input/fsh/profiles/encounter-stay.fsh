Profile: PasserelleEncounterStay
Parent: Encounter
Id: passerelle-encounter-stay
Title: "encounter-stay"
Description: "encounter-stay"
* insert Metadata

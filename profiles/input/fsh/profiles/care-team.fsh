Profile: PasserelleCareTeam
Parent: CareTeam
Id: passerelle-care-team
Title: "care-team"
Description: "care-team"
* insert Metadata

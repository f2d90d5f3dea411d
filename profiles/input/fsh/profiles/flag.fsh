Profile: PasserelleFlag
Parent: Flag
Id: passerelle-flag
Title: "flag"
Description: "flag"
* insert Metadata

Profile: PasserelleProvenance
Parent: Provenance
Id: passerelle-provenance
Title: "provenance"
Description: "provenance"
* insert Metadata

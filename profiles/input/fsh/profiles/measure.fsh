Profile: PasserelleMeasure
Parent: Measure
Id: passerelle-measure
Title: "measure"
Description: "measure"
* insert Metadata

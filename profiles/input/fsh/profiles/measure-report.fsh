Profile: PasserelleMeasureReport
Parent: MeasureReport
Id: passerelle-measure-report
Title: "measure-report"
Description: "measure-report"
* insert Metadata

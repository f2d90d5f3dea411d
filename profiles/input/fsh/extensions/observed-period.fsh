Extension: ObservedPeriod
Id: observed-period
Title: "Period that a count is of"
Description: "Where the counts of one report are of different periods: the last three months and the same months a year before."
Context: MeasureReport.group.population
* insert Metadata
* insert French([[Période d'un effectif]], [[Quand les effectifs d'un rapport portent sur des périodes différentes : les trois derniers mois et les mêmes mois un an avant.]])
* value[x] only Period
* value[x] 1..1
* valuePeriod.start 1..1
* valuePeriod.end 1..1

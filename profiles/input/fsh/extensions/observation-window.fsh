Extension: ObservationWindow
Id: observation-window
Title: "Months that a population is counted over"
Description: "From the end of the report's period, in months: -3 to 0 are the last three months, -12 to -9 the same months a year before; -12 to -12 is the day one year before."
Context: Measure.group.population
* insert Metadata
* insert French([[Mois sur lesquels une population est comptée]], [[Depuis la fin de la période du rapport, en mois : -3 à 0 sont les trois derniers mois, -12 à -9 les neuf à douze mois auparavant.]])
* value[x] only Range
* value[x] 1..1
* valueRange obeys pas-observation-window-1
* valueRange.low 1..1
* valueRange.low.value 1..1
* valueRange.low.system = $ucum
* valueRange.low.code = #mo
* valueRange.high 1..1
* valueRange.high.value 1..1
* valueRange.high.system = $ucum
* valueRange.high.code = #mo

Invariant: pas-observation-window-1
Description: "The window ends after the report's period: give high at most 0, in months from its end."
Severity: #error
Expression: "high.value <= 0"
* insert InFrench([[La fenêtre finit après la période du rapport : donner à `high` au plus 0, en mois depuis la fin de la période.]])

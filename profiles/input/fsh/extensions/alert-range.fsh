Extension: AlertRange
Id: alert-range
Title: "Values that call for nobody's attention"
Description: "An indicator outside this range is shown to those who steer the structure, for instance an active file outside 90 to 130 persons. A structure sets its own."
Context: Measure.group
* insert Metadata
* insert French([[Valeurs qui n'appellent pas d'alerte]], [[Hors de cet intervalle, l'indicateur est signalé à ceux qui pilotent la structure, par exemple une file active hors de 90 à 130 personnes. Chaque structure fixe le sien.]])
* value[x] only Range
* value[x] 1..1

Extension: CoveredArea
Id: covered-area
Title: "Covered area"
Description: "A sector with its communes: commune (INSEE code), then sector, then coordinator or structure."
* insert Metadata
* insert French([[Zone couverte]], [[Un secteur et ses communes : de la commune (code INSEE) au secteur, puis au coordonnateur ou à la structure.]])
* ^context.type = #element
* ^context.expression = "HealthcareService"
* extension contains sector 0..1 MS and commune 1..* MS
* extension[sector].value[x] 1..1
* extension[sector].value[x] only string
* extension[commune].value[x] 1..1
* extension[commune].value[x] only Coding
* extension[commune].valueCoding.system 1..1
* extension[commune].valueCoding.system = $TRE_R13
* extension[commune].valueCoding.code 1..1

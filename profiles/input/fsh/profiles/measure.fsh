Profile: PasserelleMeasure
Parent: Measure
Id: passerelle-measure
Title: "Measure: an indicator of the coordination"
Description: "What is counted, over which months, where the definition comes from. Counts are told with their periods, never a rate alone."
* insert Metadata
* insert French([[Indicateur de la coordination]], [[Ce qui est compté, sur quels mois, et d'où vient la définition. Les effectifs sont donnés avec leurs périodes, jamais un taux seul.]])
* obeys pas-measure-1 and pas-measure-2 and pas-measure-3 and pas-measure-4
* url 1..1 MS
* version 1..1 MS
* name 1..1 MS
* title 1..1 MS
* status MS
* description 1..1 MS
* relatedArtifact 1..* MS
* relatedArtifact ^short = "Where the indicator is defined or asked for"
* scoring 1..1 MS
* scoring from http://hl7.org/fhir/ValueSet/measure-scoring (required)
* type 1..1 MS
* type from http://hl7.org/fhir/ValueSet/measure-type (required)
* improvementNotation MS
* guidance MS
* group 1..* MS
* group.extension contains AlertRange named alertRange 0..1 MS
* group.code 1..1 MS
* group.code from Indicators (required)
* group.population 1..* MS
* group.population.extension contains ObservationWindow named window 0..1 MS
* group.population.code 1..1 MS
* group.population.code from http://hl7.org/fhir/ValueSet/measure-population (required)
* group.population.description 1..1 MS
* group.population.criteria MS
* group.stratifier MS

Invariant: pas-measure-1
Description: "A ratio or proportion has a numerator and a denominator in each group: add the population that lacks."
Severity: #error
Expression: "scoring.coding.where(code = 'ratio' or code = 'proportion').exists() implies group.all(population.code.coding.where(code = 'numerator').exists() and population.code.coding.where(code = 'denominator').exists())"
* insert InFrench([[Un rapport ou une proportion a un numérateur et un dénominateur dans chaque groupe : ajouter la population qui manque.]])

Invariant: pas-measure-2
Description: "A ratio compares counts of different months: give each numerator and denominator its observation-window."
Severity: #error
Expression: "scoring.coding.where(code = 'ratio').exists() implies group.population.where(code.coding.where(code = 'numerator' or code = 'denominator').exists()).all(extension('https://passerelle.care/fhir/StructureDefinition/observation-window').exists())"
* insert InFrench([[Un rapport compare des effectifs de mois différents : donner à chaque numérateur et dénominateur son `observation-window`.]])

Invariant: pas-measure-3
Description: "A source is named: give one relatedArtifact a citation, a url or a document."
Severity: #error
Expression: "relatedArtifact.empty() or relatedArtifact.where(citation.exists() or url.exists() or document.exists()).exists()"
* insert InFrench([[Une source est nommée : donner à un `relatedArtifact` une citation, une adresse ou un document.]])

Invariant: pas-measure-4
Description: "A delay has what is measured: add the populations measure-population and measure-observation."
Severity: #error
Expression: "scoring.coding.where(code = 'continuous-variable').exists() implies group.all(population.code.coding.where(code = 'measure-population').exists() and population.code.coding.where(code = 'measure-observation').exists())"
* insert InFrench([[Un délai dit ce qui est mesuré : ajouter les populations `measure-population` et `measure-observation`.]])

Profile: PasserelleMeasureReport
Parent: MeasureReport
Id: passerelle-measure-report
Title: "MeasureReport: an indicator's counts for a structure and a period"
Description: "Counts, and the score that follows from them; of a structure, a sector or a coordinator. It names no person."
* insert Metadata
* insert French([[Valeur d'un indicateur]], [[Des effectifs et le score qui en découle, pour une structure, un secteur ou un coordonnateur. Personne n'y est nommé.]])
* obeys pas-measure-report-1 and pas-measure-report-2 and pas-measure-report-3 and pas-measure-report-4
* status MS
* type = #summary (exactly)
* type MS
* measure MS
* measure only Canonical(PasserelleMeasure)
* subject MS
* subject only Reference(PasserellePractitioner or PasserellePractitionerRole or Location)
* subject ^short = "The coordinator or sector, where the counts are of one"
* date 1..1 MS
* reporter 1..1 MS
* reporter only Reference(PasserelleOrganization)
* period MS
* period.start 1..1
* period.end 1..1
* improvementNotation MS
* group 1..* MS
* group.code 1..1 MS
* group.code from Indicators (required)
* group.population 1..* MS
* group.population.extension contains ObservedPeriod named observedPeriod 0..1 MS
* group.population.code 1..1 MS
* group.population.code from http://hl7.org/fhir/ValueSet/measure-population (required)
* group.population.count 1..1 MS
* group.population.subjectResults 0..0
* group.measureScore MS
* group.stratifier MS
* group.stratifier.stratum.population.subjectResults 0..0
* evaluatedResource 0..0

Invariant: pas-measure-report-1
Description: "A rate of nothing: with a denominator of 0 there is no score, so send no report for this period."
Severity: #error
Expression: "group.population.where(code.coding.where(code = 'denominator').exists()).where(count = 0).empty()"
* insert InFrench([[Un taux de rien : si le dénominateur vaut 0, il n’y a pas de score ; n’envoyer aucun rapport pour cette période.]])

Invariant: pas-measure-report-2
Description: "The score is not the numerator divided by the denominator: mend the counts or the score (a hundredth is let pass; no unit)."
Severity: #error
Expression: "group.where(measureScore.exists() and population.where(code.coding.where(code = 'denominator').exists()).exists()).all((measureScore.value * population.where(code.coding.where(code = 'denominator').exists()).count - population.where(code.coding.where(code = 'numerator').exists()).count).abs() <= population.where(code.coding.where(code = 'denominator').exists()).count * 0.01)"
* insert InFrench([[Le score n’est pas le numérateur divisé par le dénominateur : corriger les effectifs ou le score (un centième est toléré ; sans unité).]])

Invariant: pas-measure-report-3
Description: "A count of days to come: end the period, and each observed-period, by the day of the report."
Severity: #error
Expression: "(period.end | group.population.extension('https://passerelle.care/fhir/StructureDefinition/observed-period').value.end).where($this > %resource.date).empty()"
* insert InFrench([[Un effectif de jours à venir : la période, et chaque `observed-period`, finit au plus tard le jour du rapport.]])

Invariant: pas-measure-report-4
Description: "A count below zero: mend it."
Severity: #error
Expression: "(group.population | group.stratifier.stratum.population).where(count < 0).empty()"
* insert InFrench([[Un effectif est négatif : le corriger.]])

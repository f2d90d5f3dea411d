Extension: DurationLimit
Id: duration-limit
Title: "Limit in time"
Description: "How long a programme may follow a person, and the day that this makes: two years for a mobile brain-injury team."
* insert Metadata
* insert French([[Durée maximale]], [[Combien de temps un programme peut suivre une personne, et le jour qui en découle : deux ans pour une équipe mobile de cérébrolésés.]])
* ^context.type = #element
* ^context.expression = "EpisodeOfCare"
* extension contains limit 1..1 MS and latestEnd 1..1 MS
* extension[limit].value[x] 1..1
* extension[limit].value[x] only Duration
* extension[latestEnd].value[x] 1..1
* extension[latestEnd].value[x] only date

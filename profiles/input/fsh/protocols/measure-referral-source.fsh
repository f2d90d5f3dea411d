Instance: referral-source
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Origine des demandes]], [[Source of the referrals]], [[Demandes d'appui de la période selon qui demande : médecin, travailleur social, établissement, la personne, sa famille.]], [[Referrals of the period by who asks: a physician, a social worker, a hospital, the person, the family.]])
* url = "https://passerelle.care/fhir/Measure/referral-source"
* name = "ReferralSource"
* status = #active
* insert Cited([[Actusoins, Basse-Normandie : surtout des travailleurs sociaux ; HAS 2014, La Place Santé : 26 % par un médecin généraliste]])
* scoring = $measure-scoring#cohort
* type = $measure-type#process
* group[0].code = $indicator#referral-source
* insert Among([[ServiceRequest?category=https://passerelle.care/fhir/CodeSystem/request-category|referral&authored=ge{{%start}}&authored=lt{{%end}}]], [[Demandes de la période]])
* group[0].stratifier[+].code = IndicatorStratifier#requester "Qui demande"
* group[0].stratifier[=].criteria.language = #text/fhirpath
* group[0].stratifier[=].criteria.expression = "iif(requester.reference.startsWith('Patient/'), 'person', iif(requester.reference.startsWith('RelatedPerson/'), 'family', requester.reference))"

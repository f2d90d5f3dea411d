CodeSystem: ProblemDomain
Id: problem-domain
Title: "What a problem is about"
Description: "The domains of a multidimensional assessment. PAERPA's ORG-009 (medical) and ORG-010 (social) are the first two."
* insert Metadata
* insert French([[Domaine du problème]], [[Les domaines d'une évaluation multidimensionnelle. ORG-009 (médicale) et ORG-010 (sociale) de PAERPA sont les deux premiers.]])
* ^caseSensitive = true
* insert Bilingual(medical, [[Santé]], [[Health]])
* insert Bilingual(social, [[Situation sociale et économique]], [[Social and economic situation]])
* insert Bilingual(psychological, [[Santé mentale, conduites addictives]], [[Mental health, addiction]])
* insert Bilingual(autonomy, [[Autonomie et vie quotidienne]], [[Autonomy and daily life]])
* insert Bilingual(carer, [[Aidant et entourage]], [[Carer and family]])
* insert Bilingual(use-of-care, [[Recours aux soins]], [[Use of care]])

ValueSet: ProblemDomains
Id: problem-domains
Title: "What a problem is about: all codes"
Description: "All codes of ProblemDomain."
* insert Metadata
* insert French([[Domaine du problème : tous les codes]], [[Tous les codes de ProblemDomain.]])
* include codes from system ProblemDomain

ValueSet: ProblemSeverities
Id: problem-severities
Title: "How severe a problem is"
Description: "Three degrees; a severe failure of heart, lungs or kidneys counts in the HAS screening (annexe 3)."
* insert Metadata
* insert French([[Gravité d'un problème]], [[Trois degrés ; une insuffisance cardiaque, respiratoire ou rénale grave compte dans le repérage HAS (annexe 3).]])
* $sct#24484000 "Severe"
* $sct#6736007 "Moderate"
* $sct#255604002 "Mild"

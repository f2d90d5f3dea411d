CodeSystem: DmpUse
Id: dmp-use
Title: "What the agreement on the DMP is about"
Description: "Feeding it or reading it (code de la santé publique, L1111-15, R1111-46 and R1111-47; HL7 v2 PAM France ZFA-9 and ZFA-11)."
* insert Metadata
* insert French([[Objet de l'accord sur le DMP]], [[L'alimenter ou le consulter (code de la santé publique, L1111-15, R1111-46 et R1111-47 ; HL7 v2 PAM France ZFA-9 et ZFA-11).]])
* ^caseSensitive = true
* insert Bilingual(feeding, [[Alimentation du DMP]], [[Feeding the DMP]])
* insert Bilingual(consultation, [[Consultation du DMP]], [[Reading the DMP]])

ValueSet: DmpUses
Id: dmp-uses
Title: "What the agreement on the DMP is about: all codes"
Description: "All codes of DmpUse."
* insert Metadata
* insert French([[Objet de l'accord sur le DMP : tous les codes]], [[Tous les codes de DmpUse.]])
* include codes from system DmpUse

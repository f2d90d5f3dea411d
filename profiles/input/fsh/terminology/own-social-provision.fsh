CodeSystem: SocialProvision
Id: social-provision
Title: "Social provision"
Description: "What PPS-PAERPA asks to know of a person's social rights (section LOINC 34841-7)."
* insert Metadata
* insert French([[Disposition médico-sociale]], [[Ce que le PPS-PAERPA demande des droits sociaux de la personne (section LOINC 34841-7).]])
* ^caseSensitive = true
* insert Bilingual(gir, [[Groupe iso-ressources (GIR)]], [[Level of autonomy (GIR)]])
* insert Bilingual(apa, [[Allocation personnalisée d'autonomie (APA)]], [[Personal autonomy allowance (APA)]])
* insert Bilingual(ald, [[Affection de longue durée (ALD)]], [[Long-term illness with full cover (ALD)]])
* insert Bilingual(complementary-cover, [[Couverture complémentaire]], [[Complementary health cover]])

ValueSet: SocialProvisions
Id: social-provisions
Title: "Social provision: all codes"
Description: "All codes of SocialProvision."
* insert Metadata
* insert French([[Disposition médico-sociale : tous les codes]], [[Tous les codes de SocialProvision.]])
* include codes from system SocialProvision

CodeSystem: AidKind
Id: aid-kind
Title: "Kind of aid"
Description: "Help that is more than referral: what is looked for, asked and put in place for a person."
* insert Metadata
* insert French([[Nature de l'aide]], [[L'aide qui n'est pas une orientation : ce qui est recherché, demandé et mis en place pour une personne.]])
* ^caseSensitive = true
* insert Bilingual(appointment, [[Prise de rendez-vous]], [[Appointment]])
* insert Bilingual(home-services, [[Services à domicile]], [[Home services]])
* insert Bilingual(technical-aid, [[Aide technique]], [[Technical aid]])
* insert Bilingual(home-adaptation, [[Aménagement du logement]], [[Home adaptation]])
* insert Bilingual(financial-aid, [[Aide financière]], [[Financial aid]])

ValueSet: AidKinds
Id: aid-kinds
Title: "Kind of aid: all codes"
Description: "All codes of AidKind."
* insert Metadata
* insert French([[Nature de l'aide : tous les codes]], [[Tous les codes de AidKind.]])
* include codes from system AidKind

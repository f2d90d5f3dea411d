CodeSystem: IndicatorStratifier
Id: indicator-stratifier
Title: "What an indicator is split by"
Description: "The parts that counts are told for."
* insert Metadata
* insert French([[Ventilation d'un indicateur]], [[Les parties pour lesquelles les effectifs sont donnés.]])
* ^caseSensitive = true
* insert Bilingual(coordinator, [[Coordonnateur]], [[Coordinator]])
* insert Bilingual(requester, [[Qui demande]], [[Who asks]])
* insert Bilingual(aid, [[Nature de l'aide]], [[Kind of aid]])

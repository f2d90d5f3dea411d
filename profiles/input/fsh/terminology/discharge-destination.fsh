CodeSystem: DischargeDestination
Id: discharge-destination
Title: "Where a person went after a stay"
Description: "Where a person went when a hospital stay ended, as coordination tells it apart. Nothing is said where the hospital did not say it."
* insert Metadata
* insert French([[Où la personne est allée après un séjour]], [[Où la personne est allée à la fin d'un séjour hospitalier, selon ce qui compte pour la coordination. Rien n'est dit si l'hôpital ne l'a pas dit.]])
* ^content = #complete
* ^caseSensitive = true
* #home "Domicile"
* insert InEnglish(home, [[Home]])
* #home-hospitalisation "Hospitalisation à domicile"
* insert InEnglish(home-hospitalisation, [[Home hospitalisation]])
* #medico-social "Établissement médico-social"
* insert InEnglish(medico-social, [[Medico-social home]])
* #rehabilitation "Soins de suite et de réadaptation"
* insert InEnglish(rehabilitation, [[Rehabilitation]])
* #long-term-care "Unité de soins de longue durée"
* insert InEnglish(long-term-care, [[Long-term care unit]])
* #acute-care "Court séjour (MCO)"
* insert InEnglish(acute-care, [[Acute care (medicine, surgery, obstetrics)]])
* #psychiatry "Psychiatrie"
* insert InEnglish(psychiatry, [[Psychiatry]])
* #emergency "Urgences"
* insert InEnglish(emergency, [[Emergency department]])
* #intensive-care "Réanimation"
* insert InEnglish(intensive-care, [[Intensive care]])
* #other-hospital "Autre établissement ou service hospitalier"
* insert InEnglish(other-hospital, [[Other hospital or ward]])
* #against-advice "Sortie contre avis médical"
* insert InEnglish(against-advice, [[Left against medical advice]])
* #escape "Évasion ou fugue"
* insert InEnglish(escape, [[Escape]])
* #death "Décès"
* insert InEnglish(death, [[Death]])
* #other "Autre destination"
* insert InEnglish(other, [[Other destination]])

ValueSet: DischargeDestinationValues
Id: discharge-destination
Title: "Where a person went after a stay"
Description: "All destinations."
* insert Metadata
* insert French([[Où la personne est allée après un séjour]], [[Toutes les destinations.]])
* include codes from system $discharge-destination

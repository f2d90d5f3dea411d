CodeSystem: PmsiAdmission
Id: pmsi-admission
Title: "PMSI: mode and origin of admission"
Description: "Mode of admission (ZFM-1 of IHE PAM France), a full stop, and the origin (ZFM-3) where it is said. Other pairs than these are kept as they came."
* insert Metadata
* insert French([[PMSI : mode et provenance d'entrée]], [[Mode d'entrée (ZFM-1 de IHE PAM France), un point, et la provenance (ZFM-3) si elle est dite. D'autres paires sont gardées telles quelles.]])
* ^content = #fragment
* ^caseSensitive = true
* #8. "Domicile"
* insert InEnglish(8., [[Home]])
* #8.5 "Domicile, par les urgences"
* insert InEnglish(8.5, [[Home, through the emergency department]])
* #8.7 "Établissement médico-social"
* insert InEnglish(8.7, [[Medico-social home]])
* #6. "Mutation"
* insert InEnglish(6., [[Internal transfer]])
* #7. "Transfert"
* insert InEnglish(7., [[Transfer]])
* #0. "Transfert pour un acte"
* insert InEnglish(0., [[Transfer for a procedure]])

ValueSet: PmsiAdmissionValues
Id: pmsi-admission
Title: "PMSI: mode and origin of admission"
Description: "All pairs that we know."
* insert Metadata
* insert French([[PMSI : mode et provenance d'entrée]], [[Toutes les paires connues.]])
* include codes from system $pmsi-admission

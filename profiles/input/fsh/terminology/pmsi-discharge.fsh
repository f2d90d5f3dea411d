CodeSystem: PmsiDischarge
Id: pmsi-discharge
Title: "PMSI: mode and destination of discharge"
Description: "Mode of discharge (ZFM-2 of IHE PAM France), a full stop, and the destination (ZFM-4) where it is said. Other pairs than these are kept as they came."
* insert Metadata
* insert French([[PMSI : mode et destination de sortie]], [[Mode de sortie (ZFM-2 de IHE PAM France), un point, et la destination (ZFM-4) si elle est dite. D'autres paires sont gardées telles quelles.]])
* ^content = #fragment
* ^caseSensitive = true
* #8. "Domicile"
* insert InEnglish(8., [[Home]])
* #8.D "Domicile, dit deux fois"
* insert InEnglish(8.D, [[Home, said twice]])
* #8.7 "Établissement médico-social"
* insert InEnglish(8.7, [[Medico-social home]])
* #8.6 "Domicile, en hospitalisation à domicile (HAD)"
* insert InEnglish(8.6, [[Home, with home hospitalisation (HAD)]])
* #6. "Mutation"
* insert InEnglish(6., [[Internal transfer]])
* #6.1 "Mutation : court séjour (MCO)"
* insert InEnglish(6.1, [[Internal transfer: acute care (MCO)]])
* #6.2 "Mutation : soins de suite et de réadaptation (SSR)"
* insert InEnglish(6.2, [[Internal transfer: rehabilitation (SSR)]])
* #6.3 "Mutation : soins de longue durée (USLD)"
* insert InEnglish(6.3, [[Internal transfer: long-term care (USLD)]])
* #6.4 "Mutation : psychiatrie"
* insert InEnglish(6.4, [[Internal transfer: psychiatry]])
* #6.5 "Mutation : urgences"
* insert InEnglish(6.5, [[Internal transfer: emergency department]])
* #6.6 "Mutation : hospitalisation à domicile (HAD)"
* insert InEnglish(6.6, [[Internal transfer: home hospitalisation (HAD)]])
* #6.7 "Mutation : établissement médico-social"
* insert InEnglish(6.7, [[Internal transfer: medico-social home]])
* #6.R "Mutation : réanimation"
* insert InEnglish(6.R, [[Internal transfer: intensive care]])
* #7. "Transfert"
* insert InEnglish(7., [[Transfer]])
* #7.1 "Transfert : court séjour (MCO)"
* insert InEnglish(7.1, [[Transfer: acute care (MCO)]])
* #7.2 "Transfert : soins de suite et de réadaptation (SSR)"
* insert InEnglish(7.2, [[Transfer: rehabilitation (SSR)]])
* #7.3 "Transfert : soins de longue durée (USLD)"
* insert InEnglish(7.3, [[Transfer: long-term care (USLD)]])
* #7.4 "Transfert : psychiatrie"
* insert InEnglish(7.4, [[Transfer: psychiatry]])
* #7.5 "Transfert : urgences"
* insert InEnglish(7.5, [[Transfer: emergency department]])
* #7.6 "Transfert : hospitalisation à domicile (HAD)"
* insert InEnglish(7.6, [[Transfer: home hospitalisation (HAD)]])
* #7.7 "Transfert : établissement médico-social"
* insert InEnglish(7.7, [[Transfer: medico-social home]])
* #7.R "Transfert : réanimation"
* insert InEnglish(7.R, [[Transfer: intensive care]])
* #9. "Décès"
* insert InEnglish(9., [[Death]])
* #9.D "Décès (destination dite : domicile)"
* insert InEnglish(9.D, [[Death (destination said: home)]])
* #9.1 "Décès (destination dite : court séjour (MCO))"
* insert InEnglish(9.1, [[Death (destination said: acute care (MCO))]])
* #9.2 "Décès (destination dite : soins de suite et de réadaptation (SSR))"
* insert InEnglish(9.2, [[Death (destination said: rehabilitation (SSR))]])
* #9.3 "Décès (destination dite : soins de longue durée (USLD))"
* insert InEnglish(9.3, [[Death (destination said: long-term care (USLD))]])
* #9.4 "Décès (destination dite : psychiatrie)"
* insert InEnglish(9.4, [[Death (destination said: psychiatry)]])
* #9.5 "Décès (destination dite : urgences)"
* insert InEnglish(9.5, [[Death (destination said: emergency department)]])
* #9.6 "Décès (destination dite : hospitalisation à domicile (HAD))"
* insert InEnglish(9.6, [[Death (destination said: home hospitalisation (HAD))]])
* #9.7 "Décès (destination dite : établissement médico-social)"
* insert InEnglish(9.7, [[Death (destination said: medico-social home)]])
* #9.R "Décès (destination dite : réanimation)"
* insert InEnglish(9.R, [[Death (destination said: intensive care)]])

ValueSet: PmsiDischargeValues
Id: pmsi-discharge
Title: "PMSI: mode and destination of discharge"
Description: "All pairs that we know."
* insert Metadata
* insert French([[PMSI : mode et destination de sortie]], [[Toutes les paires connues.]])
* include codes from system $pmsi-discharge

CodeSystem: Hl7v2Fr0445
Id: hl7v2-fr-0445
Title: "HL7 v2 table 0445 in France: reliability of the identity"
Description: "PID-32 as IHE PAM France defines it, with the status of the RNIV (RECUP and QUAL) that senders have begun to use. Not the codes of v2-0445."
* insert Metadata
* insert French([[Table HL7 v2 0445 en France : fiabilité de l'identité]], [[PID-32 selon IHE PAM France, avec les statuts du RNIV (RECUP et QUAL) que des émetteurs emploient déjà. Ce ne sont pas les codes de v2-0445.]])
* ^content = #complete
* ^caseSensitive = true
* #VIDE "Identité non encore qualifiée"
* insert InEnglish(VIDE, [[Not yet qualified]])
* #PROV "Identité provisoire"
* insert InEnglish(PROV, [[Provisional]])
* #VALI "Identité validée"
* insert InEnglish(VALI, [[Validated]])
* #DOUB "Doublon"
* insert InEnglish(DOUB, [[Duplicate]])
* #DESA "Identité désactivée"
* insert InEnglish(DESA, [[Deactivated]])
* #DPOT "Doublon potentiel"
* insert InEnglish(DPOT, [[Possible duplicate]])
* #DOUA "Doublon avéré"
* insert InEnglish(DOUA, [[Proven duplicate]])
* #COLP "Collision potentielle"
* insert InEnglish(COLP, [[Possible collision]])
* #COLV "Collision avérée"
* insert InEnglish(COLV, [[Proven collision]])
* #FILI "Filiation"
* insert InEnglish(FILI, [[Filiation]])
* #CACH "Identité cachée"
* insert InEnglish(CACH, [[Hidden]])
* #ANOM "Anonyme"
* insert InEnglish(ANOM, [[Anonymous]])
* #IDVER "Identité vérifiée par le patient"
* insert InEnglish(IDVER, [[Verified by the patient]])
* #RECD "Identité reçue d'un autre domaine"
* insert InEnglish(RECD, [[Received from another domain]])
* #IDRA "Identité rapprochée dans un autre domaine"
* insert InEnglish(IDRA, [[Linked in another domain]])
* #USUR "Identité usurpée"
* insert InEnglish(USUR, [[Usurped]])
* #HOMD "Homonyme détecté"
* insert InEnglish(HOMD, [[Homonym detected]])
* #HOMA "Homonyme avéré"
* insert InEnglish(HOMA, [[Proven homonym]])
* #INVA "Identité invalidée"
* insert InEnglish(INVA, [[Invalidated]])
* #FICT "Identité fictive (Attribut d’identité « fictive »)"
* insert InEnglish(FICT, [[Fictitious]])
* #DOUT "Identité douteuse (Attribut d’identité « douteuse »)"
* insert InEnglish(DOUT, [[Doubtful]])
* #RECUP "Identité récupérée"
* insert InEnglish(RECUP, [[Retrieved from INSi]])
* #QUAL "Identité qualifiée"
* insert InEnglish(QUAL, [[Qualified]])

ValueSet: Professions
Id: professions
Title: "Professions of care and of social work"
Description: "Health professions (TRE_G15), ordinal specialities (TRE_R38), social professions (TRE_R94), users of a title (TRE_R95), actors known by their role (TRE_R291)."
* insert Metadata
* insert French([[Professions du soin et du social]], [[Professions de santé (TRE_G15), spécialités ordinales (TRE_R38), professions sociales (TRE_R94), usagers de titre (TRE_R95), acteurs caractérisés par leur rôle (TRE_R291).]])
* include codes from system $TRE_G15
* include codes from system $TRE_R38
* include codes from system $TRE_R94
* include codes from system $TRE_R95
* include codes from system $TRE_R291

ValueSet: Specialties
Id: specialties
Title: "Ordinal specialities"
Description: "TRE_R38."
* insert Metadata
* insert French([[Spécialités ordinales]], [[TRE_R38.]])
* include codes from system $TRE_R38

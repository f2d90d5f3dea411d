Profile: PasserelleSocialProvision
Parent: Observation
Id: passerelle-social-provision
Title: "Social provision"
Description: "A social right or level that PPS-PAERPA asks for (section LOINC 34841-7): GIR, APA, ALD, complementary cover; what is not known is said to be so."
* insert Metadata
* insert French([[Disposition médico-sociale]], [[Un droit ou un niveau que demande le PPS-PAERPA (section LOINC 34841-7) : GIR, APA, ALD, couverture complémentaire ; ce qui n'est pas connu est dit tel.]])
* obeys pas-social-provision-1 and pas-social-provision-2 and pas-social-provision-3 and pas-social-provision-4
* status MS
* category 1..* MS
* category insert ToldApartByPattern
* category contains provisions 1..1 MS
* category[provisions] = $loinc#34841-7
* code MS
* code from SocialProvisions (required)
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* effective[x] 1..1 MS
* effective[x] only dateTime or Period
* performer MS
* value[x] MS
* value[x] only integer or boolean
* dataAbsentReason MS
* note MS
* component 0..0

Invariant: pas-social-provision-1
Description: "A GIR is a whole number from 1 to 6: mend `valueInteger`."
Severity: #error
Expression: "code.coding.where(code = 'gir').exists() implies (value.ofType(boolean).empty() and value.ofType(integer).all($this >= 1 and $this <= 6))"
* insert InFrench([[Un GIR est un entier de 1 à 6 : corriger `valueInteger`.]])

Invariant: pas-social-provision-2
Description: "A right is there or not: APA, ALD and complementary cover have a `valueBoolean`."
Severity: #error
Expression: "code.coding.where(code = 'apa' or code = 'ald' or code = 'complementary-cover').exists() implies value.ofType(integer).empty()"
* insert InFrench([[Un droit est ouvert ou non : APA, ALD et couverture complémentaire ont un `valueBoolean`.]])

Invariant: pas-social-provision-3
Description: "What is not known is said to be so: give `value[x]` or `dataAbsentReason`."
Severity: #error
Expression: "value.exists() or dataAbsentReason.exists()"
* insert InFrench([[Ce qui n’est pas connu est dit tel : donner `value[x]` ou `dataAbsentReason`.]])

Invariant: pas-social-provision-4
Description: "A complementary cover that the person has is named: say in `note` which one (C2S, mutual insurance, State medical aid)."
Severity: #error
Expression: "(code.coding.where(code = 'complementary-cover').exists() and value.ofType(boolean).where($this = true).exists()) implies note.exists()"
* insert InFrench([[Une couverture complémentaire ouverte est nommée : dire laquelle dans `note` (C2S, mutuelle, aide médicale de l’État).]])

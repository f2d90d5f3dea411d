Invariant: pas-address-1
Description: "The code of a commune (INSEE) has five characters: two digits, 2A or 2B, then three digits; 99 and three digits for a country."
Severity: #error
Expression: "extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code').value.ofType(Coding).code.all($this.matches('^([0-9]{2}|2[AB])[0-9]{3}$'))"
* insert InFrench([[Le code INSEE d’une commune a cinq caractères : deux chiffres, 2A ou 2B, puis trois chiffres ; 99 et trois chiffres pour un pays.]])

// An address with the INSEE code of its commune, by which the sector and the coordinator are found.
RuleSet: AddressOf(path)
* {path} MS
* {path} obeys pas-address-1
* {path}.extension contains FrCoreAddressInseeCode named inseeCode 0..1 MS

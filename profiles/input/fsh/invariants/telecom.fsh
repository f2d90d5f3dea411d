Invariant: pas-telecom-1
Description: "A mailbox of MSSanté is an e-mail address: give it system `email` and a value with an @."
Severity: #error
Expression: "extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type').value.ofType(Coding).where(code = 'MSSANTE').exists() implies (system = 'email' and value.contains('@'))"
* insert InFrench([[Une boîte MSSanté est une adresse électronique : lui donner le système `email` et une valeur avec un @.]])

// Whom one writes to, and where.
RuleSet: Telecom
* telecom MS
* telecom obeys pas-telecom-1
* telecom.system 1..1
* telecom.value 1..1
* telecom.extension contains FrCoreEmailType named emailType 0..1

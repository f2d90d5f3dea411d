Profile: PasserelleConsentDmp
Parent: Consent
Id: passerelle-consent-dmp
Title: "consent-dmp"
Description: "consent-dmp"
* insert Metadata

Profile: PasserelleConsentCareTeam
Parent: Consent
Id: passerelle-consent-care-team
Title: "consent-care-team"
Description: "consent-care-team"
* insert Metadata

Profile: PasserelleQuestionnaire
Parent: Questionnaire
Id: passerelle-questionnaire
Title: "questionnaire"
Description: "questionnaire"
* insert Metadata

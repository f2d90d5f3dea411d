Profile: PasserelleQuestionnaireResponse
Parent: QuestionnaireResponse
Id: passerelle-questionnaire-response
Title: "questionnaire-response"
Description: "questionnaire-response"
* insert Metadata

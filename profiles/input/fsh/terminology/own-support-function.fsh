CodeSystem: SupportFunction
Id: support-function
Title: "Support that is asked for"
Description: "What a support structure is asked to do for a person (after the components of HAS 2014, focus 2, and the seed texts)."
* insert Metadata
* insert French([[Appui demandé]], [[Ce qu'on demande à une structure d'appui pour une personne (d'après les composantes de la HAS 2014, focus 2).]])
* ^caseSensitive = true
* insert Bilingual(pathway-assistance, [[Assistance au parcours]], [[Help along the pathway]])
* insert Bilingual(assessment, [[Évaluation multidimensionnelle]], [[Multidimensional assessment]])
* insert Bilingual(care-plan, [[Appui à l'élaboration du plan]], [[Help with drawing up the plan]])
* insert Bilingual(hospital-to-home, [[Retour à domicile après hospitalisation]], [[Return home after a stay]])
* insert Bilingual(orientation, [[Information et orientation]], [[Information and orientation]])
* insert Bilingual(education, [[Éducation thérapeutique]], [[Therapeutic education]])
* insert Bilingual(expertise, [[Mobilisation d'une expertise]], [[Access to an expertise]])
* insert Bilingual(carer-support, [[Soutien de l'aidant]], [[Support of the carer]])
* insert Bilingual(other, [[Autre (préciser)]], [[Other (say which)]])

ValueSet: SupportFunctions
Id: support-functions
Title: "Support that is asked for: all codes"
Description: "All codes of SupportFunction."
* insert Metadata
* insert French([[Appui demandé : tous les codes]], [[Tous les codes de SupportFunction.]])
* include codes from system SupportFunction

ValueSet: PlanDocumentStatuses
Id: plan-document-statuses
Title: "Status of a plan's document"
Description: "JDV_StatutDocPPSPAERPA-CISIS (1.2.250.1.213.1.1.5.32), and GEN-068, which the official sample PPS-PAERPA_2021.01 uses in its place."
* insert Metadata
* insert French([[Statut du document d'un plan]], [[JDV_StatutDocPPSPAERPA-CISIS (1.2.250.1.213.1.1.5.32), et GEN-068 que l'exemple officiel PPS-PAERPA_2021.01 emploie à sa place.]])
* $sct#385651009 "In progress"
* $sct#9571008 "Approved"
* $sct#29179001 "Closed"
* urn:oid:1.2.250.1.213.1.1.4.322#GEN-068 "Validé"

Profile: PasserelleFollowUpCall
Parent: Task
Id: passerelle-follow-up-call
Title: "follow-up-call"
Description: "follow-up-call"
* insert Metadata

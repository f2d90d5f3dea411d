Profile: PasserelleReferralTask
Parent: Task
Id: passerelle-referral-task
Title: "referral-task"
Description: "referral-task"
* insert Metadata

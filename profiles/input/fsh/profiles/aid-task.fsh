Profile: PasserelleAidTask
Parent: Task
Id: passerelle-aid-task
Title: "aid-task"
Description: "aid-task"
* insert Metadata

Profile: PasserelleGoal
Parent: Goal
Id: passerelle-goal
Title: "goal"
Description: "goal"
* insert Metadata

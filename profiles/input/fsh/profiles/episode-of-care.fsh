Profile: PasserelleEpisodeOfCare
Parent: EpisodeOfCare
Id: passerelle-episode-of-care
Title: "episode-of-care"
Description: "episode-of-care"
* insert Metadata

"""The tournament of lesson 08: each team's attack against each other team's vault."""

"""What the Opsgenie account has: people, teams, services, roles; and what pmtui remembers of it."""

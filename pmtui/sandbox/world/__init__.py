"""The world that both services tell of: people, teams, services, incidents and their postmortems, as frozen values."""

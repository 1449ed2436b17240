"""The invented world that both services show: people, teams, services, incidents and their postmortems, as frozen values."""

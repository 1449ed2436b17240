"""What differs from account to account: its lists of people, teams and services, its update routes, and what pmtui remembers of it."""

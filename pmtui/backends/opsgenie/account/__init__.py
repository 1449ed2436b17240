"""What differs between accounts: lists of people, teams and services, update routes, and what pmtui remembers."""

"""The timeline of an incident, and everything Opsgenie has on it, for exports. Reads only."""

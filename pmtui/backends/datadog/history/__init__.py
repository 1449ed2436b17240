"""The timeline of an incident, and everything Datadog has on it, for exports. Reads only."""

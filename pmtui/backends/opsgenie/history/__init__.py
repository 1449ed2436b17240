"""What happened, and all that Opsgenie has on an incident: for timelines and exports. Reads only."""

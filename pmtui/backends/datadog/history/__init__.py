"""What happened, and all that Datadog has on an incident: for timelines and exports. Reads only."""

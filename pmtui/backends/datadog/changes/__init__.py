"""Plans the calls of a save that are not a PATCH of the incident: issues, action items, imports. Pure."""

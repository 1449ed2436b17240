"""The calls of a save that need more than one PATCH of the incident: issues, action items. Pure."""

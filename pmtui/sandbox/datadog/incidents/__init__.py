"""The routes on incidents and their parts: attachments, responders, issues, follow-ups, timeline."""

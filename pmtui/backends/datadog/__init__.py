"""Datadog: fields live on the incident (API v2), the text in a notebook (API v1) that an attachment points to."""

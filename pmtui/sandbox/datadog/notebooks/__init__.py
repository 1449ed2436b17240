"""Notebooks v1, where the text of a postmortem lives."""

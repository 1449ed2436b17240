"""Restores from the original document what Markdown does not show."""

"""Copies a postmortem to another account and reports what is lost. Knows no vendor and prints nothing."""

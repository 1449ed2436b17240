"""The form, built from the fields that a backend describes."""

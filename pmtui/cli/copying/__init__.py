"""Copying from the command line: which two places, one after another, and what is said of it."""

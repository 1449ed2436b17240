"""Copying from the command line: the two ends, one copy, a copy of everything, and the report."""

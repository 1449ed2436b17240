"""Data on stdout, the rest on stderr; what happens when neither can be written."""

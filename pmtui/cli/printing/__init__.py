"""Output: data on stdout, everything else on stderr, and what happens when these cannot be written."""

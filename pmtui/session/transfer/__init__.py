"""Postmortems on their way into files and out of them: pull, push, diff. Knows no vendor and prints nothing."""

"""Pull, push and diff: merges postmortems with files. Knows no vendor and prints nothing."""

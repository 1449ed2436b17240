"""A postmortem from one place to another: what is carried, what is lost, and the copying itself. Knows no vendor and prints nothing."""

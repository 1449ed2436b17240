"""One module a command: its arguments, and ``run``."""

"""One module per command: its arguments, and ``run``."""

"""What a postmortem is: frozen values and pure functions. No I/O, no vendor, no widget."""

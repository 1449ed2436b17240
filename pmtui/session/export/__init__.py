"""Every postmortem into a folder that needs nobody: found, written, resumed, and verified. Knows no vendor and prints nothing."""

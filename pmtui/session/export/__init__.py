"""Exports every postmortem into a folder: finds, writes, resumes, verifies. Knows no vendor and prints nothing."""
